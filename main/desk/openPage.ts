import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** How an address was opened. */
export type Opened =
  /** In a window of its own; `closed` resolves when the browser's process ends. */
  | { readonly how: 'window'; readonly program: string; readonly closed: Promise<void> }
  | { readonly how: 'browser'; readonly program: string }
  | { readonly how: 'none'; readonly reason: string }

export interface OpenOptions {
  /** The browser's own profile and the page that leads to the address are kept here. */
  readonly dataDir: string
  readonly env: NodeJS.ProcessEnv
  readonly platform?: NodeJS.Platform
}

/** A browser that ends with an error in this time did not open anything, ms. */
const START_MS = 1_500

/**
 * Opens an address: a Chromium-family browser without its bars where there is one, else the default browser. The
 * address may hold a secret: it is handed over in a file that only this user can read, for command lines can be read
 * by everybody on the machine. Never throws for a browser that does not start.
 */
export async function openPage(address: string, options: OpenOptions): Promise<Opened> {
  const { env, platform = process.platform } = options
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) {
    return { how: 'none', reason: 'there is no display' }
  }
  for (const program of chromiums(env, platform)) {
    const folder = browserFolder(program, options.dataDir)
    const child = start(program, appArguments(leadingPage(folder, address), folder), env)
    if (await runs(child)) return { how: 'window', program, closed: ended(child) }
  }
  const [program, ...args] = defaultBrowser(leadingPage(join(options.dataDir, 'browser'), address), platform)
  if (await runs(start(program!, args, env))) return { how: 'browser', program: program! }
  return { how: 'none', reason: `no browser was found, and ${program} did not open one` }
}

const LINUX = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
  'brave-browser',
  'vivaldi',
]
const MAC = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser', 'Vivaldi']
const WINDOWS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
  'BraveSoftware\\Brave-Browser\\Application\\brave.exe',
]

/** Programs of the Chromium family on this machine, best known first. */
export function chromiums(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): readonly string[] {
  switch (platform) {
    case 'darwin':
      return MAC.flatMap((name) =>
        ['/Applications', join(homedir(), 'Applications')].map((folder) =>
          join(folder, `${name}.app`, 'Contents/MacOS', name),
        ),
      ).filter((path) => existsSync(path))
    case 'win32':
      return [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']]
        .filter((folder) => folder !== undefined)
        .flatMap((folder) => WINDOWS.map((path) => join(folder, path)))
        .filter((path) => existsSync(path))
    default:
      return LINUX.flatMap((name) => onPath(name, env['PATH'] ?? '').slice(0, 1))
  }
}

function onPath(name: string, path: string): readonly string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A browser from a snap sees nothing hidden in the home folder; it has a folder of its own there. */
function browserFolder(program: string, dataDir: string): string {
  const snap = /^(?:\/var\/lib\/snapd)?\/snap\/(?:bin\/)?([\w-]+)/.exec(resolved(program))?.[1]
  const folder = snap === undefined ? dataDir : join(homedir(), 'snap', snap, 'common', 'amphitheatre')
  return join(folder, 'browser')
}

function resolved(program: string): string {
  // Every snap's program is a link to `snap` itself: then the name is all there is to go by.
  const real = realpathSync(program)
  return real.endsWith('/bin/snap') ? program : real
}

/** A page that leads to the address at once, for this user's eyes only. */
function leadingPage(folder: string, address: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'open.html')
  const page = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}"><title>Amphitheatre</title><a href="${address}">Open the control center</a>\n`
  writeFileSync(file, page, { mode: 0o600 })
  return file
}

function appArguments(page: string, folder: string): readonly string[] {
  return [
    `--app=file://${encodeURI(page.replaceAll('\\', '/'))}`,
    `--user-data-dir=${join(folder, 'profile')}`,
    '--class=amphitheatre',
    '--window-size=1440,900',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-sync',
    '--disable-background-networking',
    // Chromium does not start for root with its sandbox.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]
}

function defaultBrowser(page: string, platform: NodeJS.Platform): readonly string[] {
  switch (platform) {
    case 'darwin':
      return ['open', page]
    case 'win32':
      return ['explorer.exe', page]
    default:
      return ['xdg-open', page]
  }
}

/** On its own: it lives on when this program ends. */
function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(program, args, { env, stdio: 'ignore', detached: true })
  child.unref()
  return child
}

async function runs(child: ChildProcess): Promise<boolean> {
  const waited = new AbortController()
  const early = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false))
    // Zero: a browser that was open already has taken it over. Windows' explorer always answers 1.
    child.once('exit', (code) => resolve(code === 0 || process.platform === 'win32'))
  })
  const late = delay(START_MS, true, { signal: waited.signal }).catch(() => true)
  const result = await Promise.race([early, late])
  waited.abort()
  return result
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}
