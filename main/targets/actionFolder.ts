import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { AgentExit } from '../engine/ports/runner.ts'
import type { ActionSpec } from './actions.ts'
import type { Facts } from './step.ts'

/**
 * What is kept of an action: `spec.json` (there before anything is done), `journal.jsonl`, `output/` (what it said),
 * `paused`, `exit.json` (there once it is over), and what its steps put into `files/`.
 */
export const SPEC = 'spec.json'
const EXIT = 'exit.json'
const PAUSED = 'paused'
/** In the exchange folder: the attempt was begun, for ever. */
const LATCH = 'started'
const AGAIN = 'started-again'
const OUTPUTS = 'output'

export interface Begun {
  readonly spec: ActionSpec
  /** Wall clock, ms. */
  readonly startedAt: number
}

export function readSpec(folder: string): Begun | undefined {
  return readJson<Begun>(join(folder, SPEC))
}

/** False when the attempt was begun before and its folder is gone: how it ended nobody knows. */
export function beginFolder(folder: string, begun: Begun): boolean {
  const { exchange } = begun.spec
  mkdirSync(join(folder, 'files'), { recursive: true, mode: 0o700 })
  mkdirSync(exchange, { recursive: true, mode: 0o700 })
  const again = existsSync(join(exchange, LATCH))
  if (again) writeFileSync(join(exchange, AGAIN), '')
  writeDurably(join(folder, SPEC), JSON.stringify(begun))
  if (!again) writeDurably(join(exchange, LATCH), '')
  return !again
}

export function readExit(folder: string): AgentExit | undefined {
  return readJson<AgentExit>(join(folder, EXIT))
}

/** The outputs first: whoever sees the end sees them. */
export function writeExit(folder: string, spec: ActionSpec, exit: AgentExit, outputs: Facts): void {
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${oneLine(value)}\n`)
  writeDurably(join(spec.exchange, OUTPUTS), lines.join(''))
  writeDurably(join(folder, EXIT), JSON.stringify(exit))
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ')
}

export function isPausedIn(folder: string): boolean {
  return existsSync(join(folder, PAUSED))
}

export function markPaused(folder: string, paused: boolean): void {
  if (paused) writeFileSync(join(folder, PAUSED), '')
  else rmSync(join(folder, PAUSED), { force: true })
}

/** Whole or not at all, and still there after the power failed. */
export function writeDurably(path: string, content: string, mode = 0o600): void {
  const temporary = `${path}.new`
  const fd = openSync(temporary, 'w', mode)
  try {
    const bytes = Buffer.from(content)
    // A full disk may take a part of it.
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function readJson<T>(path: string): T | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return JSON.parse(text) as T
}
