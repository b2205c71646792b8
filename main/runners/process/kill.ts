import { execFileSync } from 'node:child_process'
import type { ProcessId, ProcessInfo } from './processes.ts'
import { everyProcessOf, marked } from './tree.ts'

/** Signals to an agent's processes. All of them: also those that left its group or its terminal. */

/** Between two looks at whether they are gone. Killed ones take a moment. */
const LOOK_MS = 15
/** After so long what is left cannot be killed (it hangs in the kernel); it is left alone. */
const GIVE_UP_MS = 10_000
/** Those that start each other and leave in haste can be missed by a look: so many in a row have to find none. */
const EMPTY_LOOKS = 4
/** More than this may be a fork bomb: while some are killed the others would fill their places. */
const MANY = 16

/** Sends a signal to each process of the agent; one that is over is no trouble. */
export function signalTree(root: ProcessId | null, marker: string, signal: NodeJS.Signals): number {
  const all = everyProcessOf(root, marker)
  if (process.platform === 'win32') {
    endOnWindows(all, signal)
    return all.length
  }
  for (const { pid } of all) sendTo(pid, signal)
  return all.length
}

/** Kills until none is left. New ones may be born while it looks, so it looks again. Never throws. */
export function killTree(root: ProcessId | null, marker: string, done: () => void): void {
  const since = performance.now()
  /** Most agents leave nothing behind: then one look is enough. */
  let wanted = 1
  let empty = 0
  const round = (): void => {
    const found = killRound(root, marker)
    empty = found === 0 ? empty + 1 : 0
    if (found > 0) wanted = EMPTY_LOOKS
    if (empty >= wanted || performance.now() - since > GIVE_UP_MS) done()
    else setTimeout(round, LOOK_MS)
  }
  round()
}

function killRound(root: ProcessId | null, marker: string): number {
  if (process.platform === 'win32') return signalTree(root, marker, 'SIGKILL')
  // Newest first and at once: those that flee from one process into the next are gone by the end of a whole look.
  let killed = 0
  for (const pid of marked(marker)) {
    sendTo(pid, 'SIGKILL')
    killed += 1
  }
  const rest = everyProcessOf(root, marker)
  if (rest.length > MANY) for (const { pid } of rest) sendTo(pid, 'SIGSTOP')
  for (const { pid } of rest) sendTo(pid, 'SIGKILL')
  return killed + rest.length
}

/**
 * One more round of stopping everything; true when all stand still. A process that is being born as the others stop is
 * missed by the first round. A parent that waits for a child to become another program (vfork) cannot be stopped
 * before that is done, which a stopped child never does: the child goes on a little, and is stopped again.
 */
export function stopRound(root: ProcessId, marker: string): boolean {
  const all = everyProcessOf(root, marker)
  const moving = all.filter(({ stopped }) => !stopped)
  for (const { pid } of moving) sendTo(pid, 'SIGSTOP')
  const blocked = new Set(moving.filter((one) => one.blocked).map(({ pid }) => pid))
  for (const one of all) if (one.stopped && blocked.has(one.parent)) sendTo(one.pid, 'SIGCONT')
  return moving.length === 0
}

function sendTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

/** There are no polite signals to a process without a window: the first word is the last. */
function endOnWindows(all: readonly ProcessInfo[], signal: NodeJS.Signals): void {
  if (signal !== 'SIGTERM' && signal !== 'SIGKILL') return
  const which = all.flatMap(({ pid }) => ['/PID', String(pid)])
  if (which.length === 0) return
  try {
    execFileSync('taskkill', ['/F', '/T', ...which], { stdio: 'ignore', windowsHide: true })
  } catch {
    // Some were over already.
  }
}
