import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Looking at processes of this machine. On Linux through /proc, elsewhere by asking the system's own tools. A process
 * id is given out again and again; together with its start time, and the boot, it names one process for ever.
 */
export interface ProcessId {
  readonly pid: number
  /** As the system tells it: clock ticks since the boot on Linux, a date elsewhere. Only compared, never read. */
  readonly start: string
}

export interface ProcessInfo extends ProcessId {
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Stopped by a signal. */
  readonly stopped: boolean
  /** Waits in the kernel for something that signals do not interrupt. */
  readonly blocked: boolean
  /** Over, and only waiting to be noticed by its parent. */
  readonly dead: boolean
  /** Own CPU time and that of ended children it has waited for, ms. */
  readonly cpuMs: number
  readonly memoryBytes: number
}

/** Linux counts CPU time in ticks of this length for every architecture it shows it to. */
const TICK_MS = 10
const PAGE_BYTES = 4096

/** Changes with each start of the machine; constant where start times are dates and tell boots apart by themselves. */
export function bootId(): string {
  if (process.platform !== 'linux') return 'any'
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

/** Undefined when there is no such process (any more). Costs one small read on Linux, a command elsewhere. */
export function lookAt(pid: number): ProcessInfo | undefined {
  if (process.platform === 'linux') return readStat(pid)
  if (process.platform === 'win32') return listWindows(`ProcessId=${pid}`)[0]
  return listByPs(['-p', String(pid)])[0]
}

/** The same process as on record, and not over. */
export function isAlive(id: ProcessId): boolean {
  const now = lookAt(id.pid)
  return now !== undefined && now.start === id.start && !now.dead
}

/** Everything that runs here, of all users. */
export function listProcesses(): readonly ProcessInfo[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => name >= '0' && name <= '9~')
      .map((name) => readStat(Number(name)))
      .filter((info) => info !== undefined)
  }
  return process.platform === 'win32' ? listWindows() : listByPs(['-A'])
}

function readStat(pid: number): ProcessInfo | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  return parseStat(pid, text)
}

/** One line of /proc/PID/stat (proc(5)). The name in brackets may hold anything, brackets and spaces too. */
export function parseStat(pid: number, text: string): ProcessInfo {
  const field = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(field[11]) + Number(field[12]) + Number(field[13]) + Number(field[14])
  return {
    pid,
    start: field[19]!,
    parent: Number(field[1]),
    group: Number(field[2]),
    session: Number(field[3]),
    stopped: field[0] === 'T',
    blocked: field[0] === 'D',
    dead: field[0] === 'Z' || field[0] === 'X',
    cpuMs: ticks * TICK_MS,
    memoryBytes: Number(field[21]) * PAGE_BYTES,
  }
}

/** macOS and the BSDs. `lstart` is five words; `time` is minutes:seconds.hundredths. */
function listByPs(which: readonly string[]): readonly ProcessInfo[] {
  const columns = 'pid=,ppid=,pgid=,sess=,state=,time=,rss=,lstart='
  const output = answerOf('ps', [...which, '-o', columns], { PATH: '/bin:/usr/bin', LC_ALL: 'C' })
  return parsePs(output)
}

export function parsePs(output: string): readonly ProcessInfo[] {
  return output
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length >= 12)
    .map(([pid, parent, group, session, state, time, rss, ...start]) => ({
      pid: Number(pid),
      start: start.join(' '),
      parent: Number(parent),
      group: Number(group),
      // macOS shows an address here; it is 0 for others' processes. Never equal to a process id by accident.
      session: Number(session) || 0,
      stopped: state!.startsWith('T'),
      blocked: state!.startsWith('U'),
      dead: state!.startsWith('Z'),
      cpuMs: secondsOf(time!) * 1000,
      memoryBytes: Number(rss) * 1024,
    }))
}

/** `[[days-]hours:]minutes:seconds`. */
function secondsOf(time: string): number {
  const [clock, days] = time.split('-').reverse()
  const parts = clock!.split(':').map(Number)
  return parts.reduce((sum, part) => sum * 60 + part, 0) + Number(days ?? 0) * 86_400
}

/** Windows has no process groups; the parent chain is all there is. */
function listWindows(filter = ''): readonly ProcessInfo[] {
  const where = filter === '' ? '' : ` -Filter '${filter}'`
  const script =
    `Get-CimInstance Win32_Process${where} | ForEach-Object { '{0} {1} {2} {3} {4} {5}' -f $_.ProcessId,` +
    '$_.ParentProcessId,$_.CreationDate.ToFileTimeUtc(),$_.KernelModeTime,$_.UserModeTime,$_.WorkingSetSize }'
  const output = answerOf(
    'powershell.exe',
    ['-NoProfile', '-NonInteractive', '-Command', script],
    process.env,
  )
  return output
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter((words) => words.length === 6)
    .map(([pid, parent, start, kernel, user, memory]) => ({
      pid: Number(pid),
      start: start!,
      parent: Number(parent),
      group: 0,
      session: 0,
      stopped: false,
      blocked: false,
      dead: false,
      // Counted in units of 100 ns.
      cpuMs: (Number(kernel) + Number(user)) / 10_000,
      memoryBytes: Number(memory),
    }))
}

/** Empty when the tool finds nothing, which it says with exit code 1. */
function answerOf(file: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  try {
    return execFileSync(file, args, {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
      maxBuffer: 64 * 1024 * 1024,
      windowsHide: true,
    })
  } catch (error) {
    if ((error as { status?: unknown }).status === 1) return ''
    throw error
  }
}
