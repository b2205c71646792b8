import { readdirSync, readFileSync } from 'node:fs'
import { listProcesses, type ProcessId, type ProcessInfo } from './processes.ts'

/** Which processes are an agent's: what its main process started, and what these started in turn. */

/** Everything that descends from `root` or is in its session or group, `root` included. */
export function familyOf(root: number, all: readonly ProcessInfo[]): readonly ProcessInfo[] {
  const children = new Map<number, ProcessInfo[]>()
  for (const one of all) {
    const siblings = children.get(one.parent)
    if (siblings === undefined) children.set(one.parent, [one])
    else siblings.push(one)
  }
  const found = new Map<number, ProcessInfo>()
  const queue = all.filter((one) => one.pid === root || one.session === root || one.group === root)
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    if (found.has(one.pid)) continue
    found.set(one.pid, one)
    queue.push(...(children.get(one.pid) ?? []))
  }
  return [...found.values()]
}

/**
 * The family, and on Linux also whoever left it (a daemon, which has a session of its own and no parent) but carries
 * the agent's marker in its environment. `root` may be over; then those left behind are found. Dead ones are not
 * listed, nor is the process that asks.
 */
export function everyProcessOf(root: ProcessId | null, marker: string): readonly ProcessInfo[] {
  const all = listProcesses()
  // A process id is not given out again while a session or group still bears it. Where another process has it now,
  // nothing of the agent's session is left.
  const holder = root === null ? undefined : all.find(({ pid }) => pid === root.pid)
  const isForeign = holder !== undefined && holder.start !== root!.start
  const family = root === null || isForeign ? [] : familyOf(root.pid, all)
  const known = new Set(family.map(({ pid }) => pid))
  const strays = all.filter((one) => !known.has(one.pid) && carries(one.pid, marker))
  return [...family, ...strays].filter((one) => !one.dead && one.pid !== process.pid)
}

/** Whoever carries the marker, newest first, each told of as soon as it is found. Linux only; elsewhere nobody. */
export function* marked(marker: string): Generator<number> {
  if (process.platform !== 'linux') return
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  for (const pid of pids.sort((a, b) => b - a)) {
    if (pid !== process.pid && carries(pid, marker)) yield pid
  }
}

/** Only what belongs to the asking user can be read; nobody else's is an agent's. */
function carries(pid: number, marker: string): boolean {
  if (process.platform !== 'linux') return false
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
    return environment.startsWith(`${marker}\0`) || environment.includes(`\0${marker}\0`)
  } catch {
    return false
  }
}
