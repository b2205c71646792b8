import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Check } from '../../preload/contract.ts'
import { DeskError } from './desk.ts'

/** Installing takes this long at most, ms. */
const COMMAND_MS = 10 * 60_000
/** A daemon that has been started answers after a while: how often and how long to ask, ms. */
const ASK_MS = 500
const ANSWERS_MS = 60_000

/** Does what a check's `fix` promises; throws DeskError with what stands in the way. */
export async function mendCheck(
  check: Check,
  dataDir: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const { fix } = check
  if (fix === null) throw new DeskError('Nothing can be done about this from here.', check.remedy)
  if (fix.how === 'copy') throw new DeskError('Only you may do this.', `Run: ${fix.command}`)
  switch (check.id) {
    case 'image': {
      const { buildAgentImage } = await import('../machine.ts')
      return buildAgentImage(onProgress)
    }
    case 'data':
      chmodSync(dataDir, 0o700)
      return
    case 'docker':
      if (fix.command === 'dockerd') startDaemon(dataDir)
      else await runCommand(fix.command, onProgress)
      // An installed daemon may be started by its package, or not.
      return waitForDocker(onProgress)
    default:
      return runCommand(fix.command, onProgress)
  }
}

/** In a session of its own: it outlives this program, as a service would. */
function startDaemon(dataDir: string): void {
  mkdirSync(join(dataDir, 'log'), { recursive: true, mode: 0o700 })
  const log = openSync(join(dataDir, 'log', 'dockerd.log'), 'a', 0o600)
  spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] })
    .on('error', () => undefined)
    .unref()
}

async function waitForDocker(onProgress: (line: string) => void): Promise<void> {
  const { dockerHealth } = await import('../machine.ts')
  onProgress('Waiting for Docker to answer …')
  const until = Date.now() + ANSWERS_MS
  for (;;) {
    const health = await dockerHealth()
    if (health.status === 'ready') return
    if (Date.now() > until) throw new DeskError(`Docker does not answer: ${health.reason}`, health.remedy)
    await delay(ASK_MS)
  }
}

function runCommand(command: string, onProgress: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let last = ''
    const child = spawn('sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        last = line
        onProgress(line)
      })
    }
    child.on('error', (error) => reject(new DeskError(error.message, `Run it yourself: ${command}`)))
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new DeskError(`It ended with ${code}: ${last}`, `Run it yourself: ${command}`))
    })
  })
}
