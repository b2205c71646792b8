import { createRequire } from 'node:module'
import { join } from 'node:path'
import { messageDraftSchema } from '../../main/domain/talk/message.ts'
import { openBenchEngine } from '../support/benchEngine.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { NEVER } from '../support/noopRunner.ts'
import { benchPlan } from '../support/plans.ts'
import { PEER_FOLDER, PEER_HOW_TO, startRedis } from '../support/redis.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const PAIRS = 50
const CONTENT = 'The API listens on port 8080; its contract is in docs/api.md.'

/**
 * Figure 9: a message that is stored, handed to its receiver and acknowledged, 50 of them in flight, each between a
 * pair of its own. Ours is on disk (FULL) before the send and the acknowledgement are answered; beside it Redis Streams (XADD, XREADGROUP, XACK).
 */
export async function messages(options: BenchOptions): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const sync of ['everysec', 'always'] as const) results.push(await against(options, sync))
  return results
}

async function against({ quick }: BenchOptions, sync: 'everysec' | 'always'): Promise<Result> {
  const what = `a message stored, delivered, acknowledged, ${PAIRS} in flight`
  const redis = await openStreams(sync)
  if ('why' in redis) return { figure: 9, what, why: redis.why }
  const [rounds, each] = quick ? [5, 40] : [11, 200]
  const sides = await inTemporaryFolder(async (folder) => {
    const ours = await openPairs(join(folder, 'engine.db'))
    const measured = await inTurn(
      {
        ours: () => timed(() => ours.exchange(each)),
        redis: () => timed(() => redis.exchange(each)),
      },
      { rounds, warmUp: 2 },
    )
    await ours.close()
    return measured
  }).finally(redis.close)
  const count = PAIRS * each
  return {
    figure: 9,
    what: `${what}; Redis syncs ${sync}`,
    unit: 'ms a message',
    ours: { name: 'three commands through the engine, FULL', value: median(sides.ours) / count },
    other: { name: `Redis Streams ${redis.version}`, value: median(sides.redis) / count },
    ratio: pairedRatio(sides.ours, sides.redis),
    target: { atMost: 0.25 },
    how: `${rounds} rounds of ${count} messages in turn, two warm-up rounds; one connection to Redis, pipelined by ioredis`,
    notes: [],
  }
}

interface Exchange {
  /** Every pair passes `each` messages, one after the other. */
  exchange(each: number): Promise<void>
  close(): Promise<void>
}

async function openPairs(file: string): Promise<Exchange> {
  const bench = await openBenchEngine(file)
  const tasks = Array.from({ length: PAIRS * 2 }, (_, i) => ({ id: `t${i}`, run: NEVER }))
  const run = await bench.startOnly(benchPlan(tasks, { slots: PAIRS * 2 }))
  await bench.engine.whenState((state) => state.runs.get(run)!.counts.active === PAIRS * 2)
  const pair = async (index: number, each: number): Promise<void> => {
    const [from, to] = [index * 2, index * 2 + 1]
    const draft = messageDraftSchema.parse({ to: `t${to}`, type: 'UPDATE', content: CONTENT })
    for (let i = 0; i < each; i++) {
      await bench.asAgent({ type: 'agent.send', message: draft, run, task: from, attempt: 1 })
      // As the door does: what is in the inbox is on disk; that it was handed over need not be before the answer.
      void bench.asAgent({ type: 'agent.take', limit: 1, run, task: to, attempt: 1 })
      const messages = bench.engine.state.runs.get(run)!.tasks.get(to)!.inbox.slice(0, 1)
      await bench.asAgent({ type: 'agent.handle', messages, run, task: to, attempt: 1 })
    }
    bench.writes.length = 0
  }
  return {
    exchange: async (each) => {
      await Promise.all(Array.from({ length: PAIRS }, (_, i) => pair(i, each)))
    },
    close: () => bench.close(),
  }
}

/** As far as it is used here. */
interface Redis {
  call(command: string, ...args: (string | number)[]): Promise<unknown>
  quit(): Promise<unknown>
}

async function openStreams(
  sync: 'always' | 'everysec',
): Promise<(Exchange & { readonly version: string }) | { readonly why: string }> {
  const folder = process.env[PEER_FOLDER]
  if (folder === undefined) return { why: PEER_HOW_TO }
  const require = createRequire(join(folder, 'index.js'))
  const { Redis: Client } = require('ioredis') as { Redis: new (path: string) => Redis }
  const server = await startRedis(sync)
  if (server === undefined) return { why: PEER_HOW_TO }
  const client = new Client(server.socket)
  const info = String(await client.call('INFO', 'server'))
  for (let i = 0; i < PAIRS; i++) await client.call('XGROUP', 'CREATE', `s${i}`, 'g', '$', 'MKSTREAM')
  const pair = async (index: number, each: number): Promise<void> => {
    const stream = `s${index}`
    for (let i = 0; i < each; i++) {
      await client.call('XADD', stream, '*', 'from', `t${index * 2}`, 'type', 'UPDATE', 'content', CONTENT)
      const read = await client.call('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 1, 'STREAMS', stream, '>')
      const [[, [[id]]]] = read as [[string, [[string]]]]
      await client.call('XACK', stream, 'g', id)
    }
  }
  return {
    version: /redis_version:(\S+)/.exec(info)?.[1] ?? '',
    exchange: async (each) => {
      await Promise.all(Array.from({ length: PAIRS }, (_, i) => pair(i, each)))
    },
    close: async () => {
      await client.quit()
      await server.close()
    },
  }
}
