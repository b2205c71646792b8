import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Names a folder with `bullmq` and `ioredis` in its node_modules: they are peers to measure, no dependencies. */
export const PEER_FOLDER = 'BENCH_BULLMQ'
export const PEER_HOW_TO = `install it outside the repository (npm install --prefix FOLDER bullmq ioredis), install redis-server, and set ${PEER_FOLDER}=FOLDER`

/** A Redis of our own on a socket, its log synced `always` or `everysec`; undefined where none is installed. */
export async function startRedis(
  sync: 'always' | 'everysec',
): Promise<{ socket: string; close: () => Promise<void> } | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'amphi-redis-'))
  const socket = join(folder, 'redis.sock')
  const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '']
  const durable = ['--appendonly', 'yes', '--appendfsync', sync, '--maxmemory-policy', 'noeviction']
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
