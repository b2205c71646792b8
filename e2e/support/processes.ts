import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a test that failed half way has left at work would go on in its folders, and keep the test's own process open. */
export async function killed(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, 'exit')
  child.kill('SIGKILL')
  await over
}

/** Processes of a data folder's agents and supervisors: what a finished run must not leave. Linux only, elsewhere none. */
export function processLeftovers(dataDir: string): readonly string[] {
  return found(dataDir).map(({ pid, text }) => `${pid} ${text.slice(0, 200).replaceAll('\0', ' ')}`)
}

/** Their process ids. */
export function agentProcesses(dataDir: string): readonly number[] {
  return found(dataDir).map(({ pid }) => Number(pid))
}

function found(dataDir: string): readonly { readonly pid: string; readonly text: string }[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid, text: read(pid, 'cmdline') + read(pid, 'environ') }))
    .filter(({ text }) => text.includes(join(dataDir, 'processes')))
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}
