import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Output } from '../main/cli/output.ts'
import type { Mark } from '../main/domain/status.ts'
import type { Check } from '../preload/contract.ts'

export const ROOT = join(import.meta.dirname, '..')

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
  for (const { id, status, detail, remedy } of checks) {
    await found(out, MARK[status], NAMES[id], detail)
    if (remedy !== '') await out.line(out.style.muted(`  ${' '.repeat(12)} ${remedy}`))
  }
}

export async function found(out: Output, mark: Mark, name: string, detail: string): Promise<void> {
  await out.line(`${out.style.glyph(mark)} ${name.padEnd(12)} ${detail}`)
}
