import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Names a folder with `bullmq` and `ioredis` in its node_modules: they are peers to measure, no dependencies. */
const FOLDER_VARIABLE = 'BENCH_BULLMQ'
const HOW_TO = `install it outside the repository (npm install --prefix FOLDER bullmq ioredis), install redis-server, and set ${FOLDER_VARIABLE}=FOLDER`

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
  const folder = process.env[FOLDER_VARIABLE]
  if (folder === undefined) return { why: HOW_TO }
  const require = createRequire(join(folder, 'index.js'))
  const { Queue, Worker } = require('bullmq') as Bullmq
  const { version } = require('bullmq/package.json') as { version: string }
  const redis = await startRedis()
  if (redis === undefined) return { why: HOW_TO }
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

/** A Redis of our own on a socket; undefined where none is installed. */
async function startRedis(): Promise<{ socket: string; close: () => Promise<void> } | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'amphi-redis-'))
  const socket = join(folder, 'redis.sock')
  const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '']
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']
  const child: ChildProcess = spawn('redis-server', [...args, ...durable], { stdio: 'ignore' })
  const failed = once(child, 'error').then(() => true)
  const close = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) {
      const over = once(child, 'exit')
      child.kill('SIGTERM')
      await over
    }
    rmSync(folder, { recursive: true, force: true })
  }
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if (existsSync(socket)) return { socket, close }
    if (await Promise.race([failed, delay(20, false)])) break
  }
  await close()
  return undefined
}
