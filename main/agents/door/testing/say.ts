import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'

export interface Said {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: { readonly ok: boolean; readonly [field: string]: any }
  readonly bytes: Buffer
}

/** One HTTP call; `body` may be a stream of pieces. Rejects where the connection ends without an answer. */
export function say(
  where: {
    readonly socketPath?: string
    readonly port?: number
    readonly path: string
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
  },
  body: string | Uint8Array | AsyncIterable<Uint8Array> = '',
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ method: 'POST', agent: false, host: '127.0.0.1', ...where }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const isJson = response.headers['content-type'] === 'application/json'
        const said = isJson ? (JSON.parse(bytes.toString()) as Said['body']) : { ok: true }
        resolve({ status: response.statusCode!, headers: response.headers, body: said, bytes })
      })
    })
    request.on('error', reject)
    if (typeof body === 'string' || body instanceof Uint8Array) request.end(body)
    else void pour(request, body)
  })
}

async function pour(request: ReturnType<typeof httpRequest>, body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of body) {
    if (request.destroyed) return
    if (request.write(chunk)) continue
    const off = new AbortController()
    await Promise.race([once(request, 'drain', off), once(request, 'close', off)]).catch(() => undefined)
    off.abort()
  }
  request.end()
}
