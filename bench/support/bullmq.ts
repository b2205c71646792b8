import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PEER_FOLDER, PEER_HOW_TO, startRedis } from './redis.ts'

export interface BullmqGraphs {
  readonly version: string
  /** Ms from adding the jobs until the last is completed. */
  run(): Promise<number>
  close(): Promise<void>
}

/** As far as it is used here. */
interface Bullmq {
  readonly Queue: new (name: string, options: object) => Queue
  readonly Worker: new (name: string, work: () => Promise<void>, options: object) => Worker
}
interface Queue {
  addBulk(jobs: readonly { name: string; data: object }[]): Promise<unknown>
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}
interface Worker {
  on(event: 'completed', listener: () => void): void
  waitUntilReady(): Promise<unknown>
  close(): Promise<void>
}

export async function bullmqGraphs(options: {
  readonly jobs: number
  readonly concurrency: number
}): Promise<BullmqGraphs | { readonly why: string }> {
  const folder = process.env[PEER_FOLDER]
  if (folder === undefined) return { why: PEER_HOW_TO }
  const require = createRequire(join(folder, 'index.js'))
  const { Queue, Worker } = require('bullmq') as Bullmq
  const { version } = require('bullmq/package.json') as { version: string }
  const redis = await startRedis('always')
  if (redis === undefined) return { why: PEER_HOW_TO }
  const connection = { path: redis.socket }
  let runs = 0
  return {
    version,
    run: async () => {
      const name = `bench-${++runs}`
      const queue = new Queue(name, { connection })
      let left = options.jobs
      const done = Promise.withResolvers<void>()
      const worker = new Worker(name, async () => undefined, { connection, concurrency: options.concurrency })
      worker.on('completed', () => {
        if (--left === 0) done.resolve()
      })
      await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
      const start = performance.now()
      await queue.addBulk(Array.from({ length: options.jobs }, (_, i) => ({ name: `t${i}`, data: {} })))
      await done.promise
      const ms = performance.now() - start
      await worker.close()
      await queue.close()
      return ms
    },
    close: redis.close,
  }
}
