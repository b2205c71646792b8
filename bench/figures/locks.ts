import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Lock } from '../../main/domain/locks/lock.ts'
import { openBenchEngine } from '../support/benchEngine.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { NEVER } from '../support/noopRunner.ts'
import { benchPlan } from '../support/plans.ts'
import { PEER_FOLDER, PEER_HOW_TO, startRedis } from '../support/redis.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const HOLDERS = 50

/**
 * Figure 8: a lock taken and given back, with a fencing token, 50 agents at once, each on files of its own. Ours looks
 * for overlaps with everybody's globs and is on disk (FULL) before either is answered; Redis compares names.
 */
export async function locks(options: BenchOptions): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const sync of ['everysec', 'always'] as const) results.push(await against(options, sync))
  return results
}

async function against({ quick, progress }: BenchOptions, sync: 'everysec' | 'always'): Promise<Result> {
  const what = `a lock taken and released with a token, ${HOLDERS} in flight`
  progress(`8: ${sync}`)
  const redis = await openRedisLocks(sync)
  if ('why' in redis) return { figure: 8, what, why: redis.why }
  const [rounds, each] = quick ? [5, 20] : [11, 100]
  const sides = await inTemporaryFolder(async (folder) => {
    const ours = await openAgents(join(folder, 'engine.db'))
    const measured = await inTurn(
      { ours: () => timed(() => ours.take(each)), redis: () => timed(() => redis.take(each)) },
      { rounds, warmUp: 2 },
    )
    await ours.close()
    return measured
  }).finally(redis.close)
  const count = HOLDERS * each
  return {
    figure: 8,
    what: `${what}; Redis syncs ${sync}`,
    unit: 'ms a lock',
    ours: { name: 'two commands through the engine, FULL', value: median(sides.ours) / count },
    other: {
      name: `Redis ${redis.version}, SET NX and INCR, compare and DEL`,
      value: median(sides.redis) / count,
    },
    ratio: pairedRatio(sides.ours, sides.redis),
    target: { atMost: 0.5 },
    how: `${rounds} rounds of ${count} locks in turn, two warm-up rounds; one connection to Redis, pipelined by ioredis`,
    notes: [],
  }
}

interface Taking {
  /** Every holder takes and releases `each` times, one after the other. */
  take(each: number): Promise<void>
  close(): Promise<void>
}

async function openAgents(file: string): Promise<Taking> {
  const bench = await openBenchEngine(file)
  const tasks = Array.from({ length: HOLDERS }, (_, i) => ({ id: `t${i}`, run: NEVER }))
  const run = await bench.startOnly(benchPlan(tasks, { slots: HOLDERS }))
  await bench.engine.whenState((state) => state.runs.get(run)!.counts.active === HOLDERS)
  const holder = async (task: number, each: number): Promise<void> => {
    const wanted: Lock[] = [{ kind: 'files', on: `src/part${task}/**/*.ts`, mode: 'exclusive' }]
    for (let i = 0; i < each; i++) {
      await bench.asAgent({ type: 'agent.lock', locks: wanted, wait: false, run, task, attempt: 1 })
      await bench.asAgent({ type: 'agent.unlock', locks: wanted, run, task, attempt: 1 })
    }
    bench.writes.length = 0
  }
  return {
    take: async (each) => {
      await Promise.all(Array.from({ length: HOLDERS }, (_, i) => holder(i, each)))
    },
    close: () => bench.close(),
  }
}

/** As far as it is used here. */
interface Redis {
  call(command: string, ...args: (string | number)[]): Promise<unknown>
  quit(): Promise<unknown>
}

const TAKE = `if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', 300000) then return redis.call('INCR', 'token') end return 0`
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

async function openRedisLocks(
  sync: 'always' | 'everysec',
): Promise<(Taking & { readonly version: string }) | { readonly why: string }> {
  const folder = process.env[PEER_FOLDER]
  if (folder === undefined) return { why: PEER_HOW_TO }
  const require = createRequire(join(folder, 'index.js'))
  const { Redis: Client } = require('ioredis') as { Redis: new (path: string) => Redis }
  const server = await startRedis(sync)
  if (server === undefined) return { why: PEER_HOW_TO }
  const client = new Client(server.socket)
  const info = String(await client.call('INFO', 'server'))
  const [take, release] = [
    String(await client.call('SCRIPT', 'LOAD', TAKE)),
    String(await client.call('SCRIPT', 'LOAD', RELEASE)),
  ]
  const holder = async (index: number, each: number): Promise<void> => {
    const key = `src/part${index}/**/*.ts`
    for (let i = 0; i < each; i++) {
      if ((await client.call('EVALSHA', take, 1, key, `t${index}`)) === 0) throw new Error(`${key} is taken`)
      await client.call('EVALSHA', release, 1, key, `t${index}`)
    }
  }
  return {
    version: /redis_version:(\S+)/.exec(info)?.[1] ?? '',
    take: async (each) => {
      await Promise.all(Array.from({ length: HOLDERS }, (_, i) => holder(i, each)))
    },
    close: async () => {
      await client.quit()
      await server.close()
    },
  }
}
