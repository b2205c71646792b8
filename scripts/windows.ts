import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Output } from '../main/cli/output.ts'
import { openPage } from '../main/desk/openPage.ts'
import { electronBinary, found, hasDisplay, ROOT } from './support.ts'

/** Downloading Electron is given up after this, ms; without a network it ends far sooner. */
const DOWNLOAD_MS = 15_000
const TRIED = join(ROOT, 'node_modules', '.cache', 'amphitheatre', 'electron-tried')

export interface Shown {
  /** Resolves when the window is closed; undefined where none was opened, or nobody can tell. */
  readonly closed: Promise<void> | undefined
}

export interface Where {
  readonly out: Output
  readonly env: NodeJS.ProcessEnv
  readonly dataDir: string
  /** Lets a browser in, once. */
  readonly invitation: string
}

/** The control center in a window: Electron's where its program is here, else a browser's; else its address. */
export async function show({ out, env, dataDir, invitation }: Where): Promise<Shown> {
  const electron = electronFor(env)
  if (electron !== undefined) {
    await found(out, 'done', 'Window', 'Electron')
    return { closed: runElectron(electron, env, dataDir, []) }
  }
  const opened = await openPage(invitation, { dataDir, env })
  if (opened.how === 'window') {
    await found(out, 'done', 'Window', opened.program)
    return { closed: opened.closed }
  }
  if (opened.how === 'browser') {
    await found(out, 'done', 'Browser', opened.program)
    return { closed: undefined }
  }
  await found(out, 'needs-you', 'Window', `none: ${opened.reason}`)
  return { closed: undefined }
}

/** Its program, if there is a display to show it on. */
export function electronFor(env: NodeJS.ProcessEnv): string | undefined {
  return hasDisplay(env) ? electronBinary() : undefined
}

/** Resolves when it has ended. It is a client of the engine of the data folder, or hosts it. */
export function runElectron(
  program: string,
  env: NodeJS.ProcessEnv,
  dataDir: string,
  args: readonly string[],
): Promise<void> {
  // Chromium's sandbox cannot be set up by root.
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(program, [...root, ROOT, ...args], {
    env: { ...env, AMPHITHEATRE_DATA: dataDir },
    stdio: 'inherit',
  })
  return new Promise((resolve) => {
    child.on('error', () => resolve())
    child.on('close', () => resolve())
  })
}

/** Asks for Electron's program once, in short; what happened is told, and asked again only by hand. */
export async function fetchElectron(out: Output, env: NodeJS.ProcessEnv): Promise<void> {
  if (!hasDisplay(env) || electronBinary() !== undefined || env['AMPHITHEATRE_NO_ELECTRON'] === '1') return
  if (existsSync(TRIED)) return
  out.note('Looking for Electron (at most 15 s, once) …')
  const install = join(ROOT, 'node_modules', 'electron', 'install.js')
  const result = spawnSync(process.execPath, [install], { timeout: DOWNLOAD_MS, stdio: 'ignore', env })
  mkdirSync(join(TRIED, '..'), { recursive: true })
  writeFileSync(TRIED, `${new Date().toISOString()} ${result.status}\n`)
  if (electronBinary() === undefined) {
    out.note('Electron could not be downloaded; a browser does as well. Again by hand: npx install-electron')
  }
}
