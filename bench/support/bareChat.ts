import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/**
 * The least a chat through sockets can cost: a server for each agent, one row a message on disk (FULL) before its
 * sender is answered, those that wait together in one commit, and long polling. No rules, no history, no limits.
 */
export async function openBareChat(
  folder: string,
  names: readonly string[],
): Promise<{ readonly sockets: readonly string[]; close(): Promise<void> }> {
  const db = new Database(join(folder, 'bare.db'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(
    'CREATE TABLE messages (number INTEGER PRIMARY KEY, receiver TEXT, content TEXT, handled INTEGER) STRICT',
  )
  const insert = db.prepare('INSERT INTO messages (number, receiver, content, handled) VALUES (?, ?, ?, 0)')
  const handle = db.prepare('UPDATE messages SET handled = 1 WHERE number = ?')
  const inboxes = new Map(names.map((name) => [name, [] as { number: number; content: string }[]]))
  const wakes = new Map<string, () => void>()
  let waiting: (() => void)[] = []
  let work: (() => void)[] = []
  let count = 0

  /** Does `change` in the next commit; resolves when it is on disk. */
  function committed(change: () => void): Promise<void> {
    work.push(change)
    return new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length > 1) return
      setImmediate(() => {
        const [changes, done] = [work, waiting]
        work = []
        waiting = []
        db.transaction(() => {
          for (const one of changes) one()
        })()
        for (const resolve of done) resolve()
      })
    })
  }

  async function answer(name: string, verb: string, body: Body): Promise<object> {
    if (verb === 'send') {
      const number = ++count
      const { to = '', content = '' } = body
      await committed(() => void insert.run(number, to, content))
      inboxes.get(to)!.push({ number, content })
      wakes.get(to)?.()
      return { ok: true, message: number }
    }
    if (verb === 'handled') {
      await committed(() => {
        for (const number of body.messages ?? []) handle.run(number)
      })
      const gone = new Set(body.messages)
      inboxes.set(
        name,
        inboxes.get(name)!.filter(({ number }) => !gone.has(number)),
      )
      return { ok: true }
    }
    if (inboxes.get(name)!.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000)
        wakes.set(name, () => {
          clearTimeout(timer)
          resolve()
        })
      })
      wakes.delete(name)
    }
    return { ok: true, messages: inboxes.get(name)! }
  }

  const servers = names.map((name, i) => {
    const server = createServer((request, response) => void respond(name, request, response))
    return { server, socket: join(folder, `b${i}.sock`) }
  })
  async function respond(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body
    response.end(JSON.stringify(await answer(name, request.url!.slice('/v1/'.length), body)))
  }
  for (const { server, socket } of servers) await listening(server, socket)
  return {
    sockets: servers.map(({ socket }) => socket),
    close: async () => {
      for (const { server } of servers) {
        server.closeAllConnections()
        server.close()
      }
      db.close()
    },
  }
}

interface Body {
  readonly to?: string
  readonly content?: string
  readonly messages?: readonly number[]
}

async function listening(server: Server, path: string): Promise<void> {
  server.listen(path)
  await once(server, 'listening')
}
