import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodeOf, explainError } from '../main/cli/errors.ts'
import type { Output } from '../main/cli/output.ts'
import { truncate } from '../main/cli/view/text.ts'
import type { Mark } from '../main/domain/status.ts'
import type { Check } from '../preload/contract.ts'

export const ROOT = join(import.meta.dirname, '..')

/** Ends the program with what `work` comes to; what a person can mend is told without a stack. */
export async function runScript(out: Output, work: () => Promise<number>): Promise<never> {
  try {
    process.exit(await work())
  } catch (error) {
    // The command line's own words begin with its name, which nobody has typed here.
    for (const line of explainError(error, process.env)) out.note(line.replace(/^amphi: /, ''))
    process.exit(exitCodeOf(error))
  }
}

/** Electron's program where it has been downloaded; undefined where it has not. */
export function electronBinary(root = ROOT): string | undefined {
  const folder = join(root, 'node_modules', 'electron')
  try {
    const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim())
    return statSync(path).isFile() ? path : undefined
  } catch {
    return undefined
  }
}

export function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  return process.platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'])
}

export function isSet(variable: string | undefined): boolean {
  return variable !== undefined && !['', '0', 'false'].includes(variable)
}

const NAMES: Readonly<Record<Check['id'], string>> = {
  node: 'Node',
  git: 'git',
  docker: 'Docker',
  image: 'Agent image',
  runner: 'Runs use',
  data: 'Data folder',
  disk: 'Disk',
}

const MARK: Readonly<Record<Check['status'], Mark>> = { ok: 'done', missing: 'failed', note: 'needs-you' }

/** What was found on this machine, one line each, the remedy below where something is missing. */
export async function tellChecks(out: Output, checks: readonly Check[]): Promise<void> {
  for (const { id, status, detail, remedy, fix } of checks) {
    await found(out, MARK[status], NAMES[id], detail)
    const command = fix === null || fix.command.startsWith('amphi ') ? '' : ` Run: ${fix.command}`
    const help = `${remedy}${command}`.trim()
    if (help !== '') await out.line(out.style.muted(`  ${' '.repeat(12)} ${help}`))
  }
}

export async function found(out: Output, mark: Mark, name: string, detail: string): Promise<void> {
  await out.line(row(out, mark, name, detail))
}

function row(out: Output, mark: Mark, name: string, detail: string): string {
  return `${out.style.glyph(mark)} ${name.padEnd(12)} ${detail}`
}

/** Without a terminal to draw on, a word so often, ms. */
const WORD_MS = 15_000
const DRAW_MS = 1_000

export interface Progress {
  /** What is being done, newest last. */
  line(text: string): void
  /** Says what came of it and how long it took; nothing where it never began. */
  end(mark: Mark, detail: string): Promise<void>
}

/** Shows that something takes its time, from its first line on: drawn on a terminal, else told now and then. */
export function progress(out: Output, name: string, doing: string): Progress {
  let begun: number | undefined
  let last = ''
  let timer: NodeJS.Timeout | undefined
  const seconds = () => `${Math.round((Date.now() - (begun ?? Date.now())) / 1_000)} s`
  const show = (): void => {
    const text = row(out, 'running', name, `${doing} … ${seconds()}  ${last}`.trimEnd())
    if (!out.isTty) out.note(text)
    else void out.write(`\r\u001b[K${truncate(text, out.columns() - 1, out.style.ellipsis)}`)
  }
  return {
    line(text) {
      last = text.trim()
      if (begun !== undefined) return
      begun = Date.now()
      show()
      timer = setInterval(show, out.isTty ? DRAW_MS : WORD_MS)
    },
    async end(mark, detail) {
      clearInterval(timer)
      if (begun === undefined) return
      if (out.isTty) await out.write('\r\u001b[K')
      await found(out, mark, name, `${detail} (${seconds()})`)
    },
  }
}
