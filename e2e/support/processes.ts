import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

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
