import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Check } from '../../preload/contract.ts'
import type { RunnerHealth } from '../engine/ports/runner.ts'
import { DeskError } from './desk.ts'
import { DAEMON, dockerFix, type Fix } from './remedies.ts'

/** Installing takes this long at most, ms. */
const COMMAND_MS = 10 * 60_000
/** A daemon that has been started answers after a while: how often and how long to ask, ms. */
const ASK_MS = 500
const ANSWERS_MS = 60_000
/** Packages start their daemon at once, or not at all, ms. */
const SOON_MS = 5_000

/** What of the machine `mendCheck` asks; tests give their own. */
export interface MendTools {
  health(): Promise<RunnerHealth>
  dockerFix(): Fix | null
  readonly commandMs: number
  readonly answersMs: number
  readonly soonMs: number
}

const TOOLS: MendTools = {
  health: async () => (await import('../machine.ts')).dockerHealth(),
  dockerFix: () => dockerFix(),
  commandMs: COMMAND_MS,
  answersMs: ANSWERS_MS,
  soonMs: SOON_MS,
}

/** Does what a check's `fix` promises; throws DeskError with what stands in the way. */
export async function mendCheck(
  check: Check,
  dataDir: string,
  onProgress: (line: string) => void,
  tools: MendTools = TOOLS,
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
      return mendDocker(fix, dataDir, onProgress, tools)
    default:
      return runCommand(fix.command, onProgress, tools.commandMs)
  }
}

/** What was only installed is started after that, where its package has not done so. */
async function mendDocker(
  fix: Fix,
  dataDir: string,
  onProgress: (line: string) => void,
  tools: MendTools,
): Promise<void> {
  const daemon = fix.command === DAEMON ? startDaemon(dataDir) : undefined
  if (daemon === undefined) await runCommand(fix.command, onProgress, tools.commandMs)
  onProgress('Waiting for Docker to answer …')
  const next = fix.label === 'Install' ? tools.dockerFix() : null
  const canStart = next?.how === 'run' && next.label !== 'Install'
  const health = await answer(tools, canStart ? tools.soonMs : tools.answersMs, daemon)
  if (health.status === 'ready') return
  if (canStart) return mendDocker(next, dataDir, onProgress, tools)
  throw new DeskError(`Docker does not answer: ${health.reason}`, health.remedy)
}

async function answer(
  tools: MendTools,
  patienceMs: number,
  daemon: Daemon | undefined,
): Promise<RunnerHealth> {
  const until = performance.now() + patienceMs
  for (;;) {
    const health = await tools.health()
    if (health.status === 'ready' || performance.now() > until) return health
    if (daemon?.ended() === true) {
      throw new DeskError('dockerd ended as soon as it was started.', `Its words are in ${daemon.log}.`)
    }
    await delay(ASK_MS)
  }
}

interface Daemon {
  readonly log: string
  ended(): boolean
}

/** In a session of its own: it outlives this program, as a service would. */
function startDaemon(dataDir: string): Daemon {
  const folder = join(dataDir, 'log')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const log = join(folder, 'dockerd.log')
  const file = openSync(log, 'a', 0o600)
  let failed = false
  const child = spawn(DAEMON, [], { detached: true, stdio: ['ignore', file, file] })
  closeSync(file)
  child.on('error', () => {
    failed = true
  })
  child.unref()
  return { log, ended: () => failed || child.exitCode !== null || child.signalCode !== null }
}

function runCommand(command: string, onProgress: (line: string) => void, limitMs: number): Promise<void> {
  const windows = process.platform === 'win32'
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: windows ? true : 'sh',
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it has started ends with it.
      detached: !windows,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    let last = ''
    let late = false
    const timer = setTimeout(() => {
      late = true
      endGroup(child)
    }, limitMs)
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() !== '') last = line
        onProgress(line)
      })
    }
    const fail = (why: string): void => reject(new DeskError(why, `Run it yourself: ${command}`))
    child.on('error', (error) => {
      clearTimeout(timer)
      fail(error.message)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      if (late) fail(`It took longer than ${Math.ceil(limitMs / 60_000)} min and was ended.`)
      else if (code === 0) resolve()
      else fail(`It ended with ${code}${last === '' ? '' : `: ${last}`}`)
    })
  })
}

function endGroup(child: ChildProcess): void {
  try {
    if (process.platform === 'win32') child.kill()
    else process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // Over in the meantime.
  }
}
