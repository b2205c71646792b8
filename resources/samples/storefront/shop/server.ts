import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { products } from './catalogue.ts'
import { query, StatementError } from './database.ts'
import { euros, INSERT_ORDER, parseOrder } from './orders.ts'

/** The shop: its page, its products, its orders. */
const { PORT = '3000', AMPHITHEATRE_VERSION: version = 'unknown' } = process.env
const LONGEST_BODY = 10_000
const web = (name: string): string => readFileSync(join(import.meta.dirname, '../web', name), 'utf8')
const [page, style] = [web('page.html'), web('style.css')]

type Answer = readonly [status: number, body: unknown]
const routes: Readonly<Record<string, (request: IncomingMessage) => Promise<Answer>>> = {
  'GET /': async () => [200, await frontPage()],
  'GET /style.css': async () => [200, style],
  'GET /version': async () => [200, { version }],
  'GET /health': async () => [200, { database: await query('SELECT 1;') }],
  'GET /products': async () => [200, await products()],
  'GET /orders': async () => [
    200,
    await query("SELECT coalesce(json_agg(o ORDER BY id), '[]') FROM orders o;"),
  ],
  'POST /orders': order,
}

async function order(request: IncomingMessage): Promise<Answer> {
  const { product, quantity, rehearsal } = parseOrder(JSON.parse(await bodyOf(request)))
  const made = await query(`${INSERT_ORDER};${rehearsal ? 'ROLLBACK;' : ''}`, { product, quantity })
  return made === null ? [404, { error: `There is no product ${product}.` }] : [rehearsal ? 200 : 201, made]
}

async function frontPage(): Promise<string> {
  const lines = (await products()).map(
    ({ name, cents }) => `<li>${escaped(name)} <span>${euros(cents)}</span></li>`,
  )
  return page.replace('{{products}}', lines.join('')).replace('{{version}}', escaped(version))
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request) {
    text += piece
    if (text.length > LONGEST_BODY) throw new RangeError('That is too long for an order.')
  }
  return text
}

function failure(error: unknown): Answer {
  if (error instanceof RangeError || error instanceof SyntaxError) return [400, { error: error.message }]
  console.error(error)
  const code = error instanceof StatementError ? error.code : undefined
  return [500, { error: (error as Error).message, code }]
}

function send(response: ServerResponse, path: string, [status, body]: Answer): void {
  const isText = typeof body === 'string'
  const type = !isText ? 'application/json' : path.endsWith('.css') ? 'text/css' : 'text/html; charset=utf-8'
  response.writeHead(status, { 'content-type': type }).end(isText ? body : `${JSON.stringify(body)}\n`)
}

const server = createServer(async (request, response) => {
  const path = (request.url ?? '/').split('?')[0]!
  const name = `${request.method} ${path}`
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined
  const answer = route === undefined ? ([404, { error: 'There is nothing here.' }] as const) : undefined
  send(response, path, answer ?? (await route!(request).catch(failure)))
})
server.listen(Number(PORT))
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
console.log(`Version ${version} listens on ${PORT}`)
