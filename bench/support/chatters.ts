import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * `chatters.ts ORDER`: agents that chat through their sockets, in a process of their own. Each sends a message to a
 * random other one every `everyMs` (0: as soon as the last is answered), reads its inbox as things come and says what
 * it has handled. Prints what it measured as one line of JSON.
 */
export interface ChatOrder {
  readonly sockets: readonly string[]
  readonly names: readonly string[]
  readonly everyMs: number
  readonly seconds: number
  /** Instead of chatting, calls the first socket with all its might. */
  readonly flood: { readonly calls: number; readonly connections: number } | null
}

export interface ChatReport {
  /** Messages that came; of a flood, calls that were carried out. */
  readonly received: number
  readonly perSecond: number
  /** From the call that sends to its arrival at the receiver, ms. */
  readonly median: number
  readonly p95: number
  /** Calls that were refused, or that got no answer. */
  readonly refused: number
}

/** One connection of a flood comes again so long after it was ended, ms. */
const AGAIN_MS = 5

const order = JSON.parse(process.argv[2] ?? '{}') as ChatOrder
const latencies: number[] = []
let refused = 0
let flooded = 0
const begun = performance.now()
const end = begun + order.seconds * 1_000
const isOver = (): boolean => performance.now() >= end

function call(socketPath: string, verb: string, body: object): Promise<{ ok: boolean; messages?: Got[] }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Request-Id': randomUUID() }
    const out = request({ socketPath, path: `/v1/${verb}`, method: 'POST', headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const said = JSON.parse(Buffer.concat(chunks).toString()) as { ok: boolean; messages?: Got[] }
        if (!said.ok) refused++
        resolve(said)
      })
    })
    out.on('error', reject)
    out.end(JSON.stringify(body))
  })
}

interface Got {
  readonly number: number
  readonly content: string
}

async function talk(index: number): Promise<void> {
  await delay(Math.random() * order.everyMs)
  while (!isOver()) {
    const other = (index + 1 + Math.floor(Math.random() * (order.names.length - 1))) % order.names.length
    const content = `${performance.now()} the contract is in docs/api.md`
    await call(order.sockets[index]!, 'send', { to: order.names[other], type: 'UPDATE', content })
    await delay(order.everyMs)
  }
}

async function listen(index: number): Promise<void> {
  while (!isOver()) {
    const { messages = [] } = await call(order.sockets[index]!, 'inbox', { wait: 1 })
    const now = performance.now()
    for (const { content } of messages) latencies.push(now - Number.parseFloat(content))
    if (messages.length === 0) continue
    await call(order.sockets[index]!, 'handled', { messages: messages.map(({ number }) => number) })
  }
}

async function flood(): Promise<void> {
  const socket = order.sockets[0]!
  while (!isOver())
    try {
      const said = await call(socket, 'progress', { percent: Math.random() * 100 })
      if (said.ok) flooded++
    } catch {
      refused++
      await delay(AGAIN_MS)
    }
}

/** A connection that says nothing, again and again. */
async function hold(): Promise<void> {
  while (!isOver()) {
    const socket = connect(order.sockets[0]!)
    socket.on('error', () => undefined)
    socket.resume()
    const late = setTimeout(() => socket.destroy(), Math.max(1, end - performance.now()))
    await new Promise((resolve) => socket.on('close', resolve))
    clearTimeout(late)
    await delay(AGAIN_MS)
  }
}

if (order.flood === null) {
  await Promise.all(order.names.flatMap((_, index) => [talk(index), listen(index)]))
} else {
  const { calls, connections } = order.flood
  await Promise.all([...Array.from({ length: calls }, flood), ...Array.from({ length: connections }, hold)])
}
const sorted = latencies.toSorted((a, b) => a - b)
const at = (q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
const received = sorted.length + flooded
const perSecond = received / ((performance.now() - begun) / 1_000)
const report: ChatReport = { received, perSecond, median: at(0.5), p95: at(0.95), refused }
console.log(JSON.stringify(report))
