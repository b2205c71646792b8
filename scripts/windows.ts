import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Output } from '../main/cli/output.ts'
import { openPage } from '../main/desk/openPage.ts'
import { electronBinary, found, hasDisplay, isSet, progress, ROOT } from './support.ts'

/** Whether Electron's programs can be had at all is soon known; fetching one takes as long as 110 MB take, ms. */
const ANSWER_MS = 10_000
const DOWNLOAD_MS = 5 * 60_000
const RELEASES = 'https://github.com/electron/electron/releases/download/'
const TRIED = join(ROOT, 'node_modules', '.cache', 'amphitheatre', 'electron-tried')

export interface Shown {
  readonly how: 'window' | 'browser' | 'none'
  /** Resolves when the window is closed; undefined where none was opened, or nobody can tell. */
  readonly closed: Promise<unknown> | undefined
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
    return { how: 'window', closed: runElectron(electron, env, dataDir, []) }
  }
  const opened = await openPage(invitation, { dataDir, env })
  switch (opened.how) {
    case 'window':
      await found(out, 'done', 'Window', opened.program)
      return { how: 'window', closed: opened.closed }
    case 'browser':
      await found(out, 'done', 'Window', `the default browser (${opened.program})`)
      return { how: 'browser', closed: undefined }
    case 'none':
      await found(out, 'needs-you', 'Window', `none: ${opened.reason}; open the address yourself`)
      return { how: 'none', closed: undefined }
  }
}

/** Its program, if there is a display to show it on. */
export function electronFor(env: NodeJS.ProcessEnv): string | undefined {
  return hasDisplay(env) ? electronBinary() : undefined
}

/** Resolves to its exit code. It is a client of the engine of the data folder, or hosts it. */
export function runElectron(
  program: string,
  env: NodeJS.ProcessEnv,
  dataDir: string,
  args: readonly string[],
): Promise<number> {
  // Chromium's sandbox cannot be set up by root.
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(program, [...root, ROOT, ...args], {
    env: { ...env, AMPHITHEATRE_DATA: dataDir },
    stdio: 'inherit',
  })
  return new Promise((resolve) => {
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Asks for Electron's program once; what came of it is told, and from then on it is fetched by hand only. */
export async function fetchElectron(out: Output, env: NodeJS.ProcessEnv): Promise<void> {
  if (!hasDisplay(env) || electronBinary() !== undefined || existsSync(TRIED)) return
  if (isSet(env['AMPHITHEATRE_NO_ELECTRON']) || isSet(env['ELECTRON_SKIP_BINARY_DOWNLOAD'])) return
  mkdirSync(dirname(TRIED), { recursive: true })
  writeFileSync(TRIED, `${new Date().toISOString()}\n`)
  const told = progress(out, 'Electron', 'fetching')
  told.line('')
  const fetched = (await canFetch(env)) && (await install(env))
  const byHand = 'not to be had from here; a browser does as well. By hand: npx install-electron'
  await told.end(fetched ? 'done' : 'needs-you', fetched ? 'fetched' : byHand)
}

async function canFetch(env: NodeJS.ProcessEnv): Promise<boolean> {
  const address = env['ELECTRON_MIRROR'] ?? env['npm_config_electron_mirror'] ?? RELEASES
  return fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_MS) }).then(
    () => true,
    () => false,
  )
}

function install(env: NodeJS.ProcessEnv): Promise<boolean> {
  const program = join(ROOT, 'node_modules', 'electron', 'install.js')
  const child = spawn(process.execPath, [program], { timeout: DOWNLOAD_MS, stdio: 'ignore', env })
  return new Promise((resolve) => {
    child.on('error', () => resolve(false))
    child.on('close', () => resolve(electronBinary() !== undefined))
  })
}
