import { request } from 'node:http'
import { connect } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * A worker that does to the sockets it is given what `how` says until it is told after which answer to stop, and has
 * had that; it then tells what came of it, by status or error.
 */
const { sockets, how } = workerData as {
  readonly sockets: readonly string[]
  readonly how: 'calls' | 'connections'
}
const LANES = 24
const BODY = JSON.stringify({ to: 'c', type: 'UPDATE', content: 'x'.repeat(10_000) })
const seen: Record<string, number> = {}
/** Undefined until it is told. */
let until: string | undefined
let calls = 0

function call(socketPath: string): Promise<string> {
  const headers = { 'request-id': `f${++calls}` }
  return new Promise((resolve) => {
    const sent = request(
      { socketPath, method: 'POST', path: '/v1/send', headers, agent: false },
      (response) => {
        response.resume()
        response.on('close', () => resolve(String(response.statusCode)))
      },
    )
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    sent.end(BODY)
  })
}

function knock(socketPath: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    let said = ''
    socket.on('data', (data) => {
      said = /HTTP\/1.1 (\d+)/.exec(data.toString())?.[1] ?? 'data'
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      said ||= error.code ?? 'error'
    })
    socket.on('close', () => resolve(said === '' ? 'closed' : said))
  })
}

async function lane(socketPath: string): Promise<void> {
  while (until === undefined || seen[until] === undefined) {
    const result = await (how === 'calls' ? call(socketPath) : knock(socketPath))
    seen[result] = (seen[result] ?? 0) + 1
    if (calls++ % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

parentPort!.on('message', (answer: string) => {
  until = answer
})
const lanes = sockets.flatMap((socket) => Array.from({ length: LANES }, () => lane(socket)))
parentPort!.postMessage('flooding')
await Promise.all(lanes)
parentPort!.postMessage(seen)
parentPort!.close()
