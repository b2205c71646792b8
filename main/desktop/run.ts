import { homedir } from 'node:os'
import { join } from 'node:path'
import { app, dialog, powerMonitor, protocol } from 'electron'
import { keepEngine } from '../api/pages/engineLink.ts'
import { dataDirFor } from '../cli/dataDir.ts'
import { createDesk } from '../desk/createDesk.ts'
import { personName } from '../engine/personName.ts'
import { makeDataFolder } from '../machine.ts'
import { serveAppFiles } from './appFiles.ts'
import { Desktop } from './desktop.ts'
import { limitPages } from './electronLimits.ts'
import { electronParts } from './electronParts.ts'
import { EngineHost } from './engine.ts'
import { LINK_SCHEME, parseLink, parseWords, type Wish } from './links.ts'
import { findNode, outsideArchive } from './nodeProgram.ts'
import { APP_SCHEME } from './restrictions.ts'
import { openSettings } from './settings.ts'
import { wordsFor } from './words.ts'

export interface RunOptions {
  /** The folder that holds the bundles `main`, `preload` and `renderer`. */
  readonly bundles: string
  /** The folder of icons. */
  readonly icons: string
  /** The engine thread's program. */
  readonly engineThread: string
  /** The program of agents' supervisors, which Node runs. */
  readonly supervisor: string
}

/**
 * The program under Electron. What has to be said before Electron is ready is said here, in the same turn of the loop
 * as the program's own code is loaded in. A second start hands its words to the first and ends.
 */
export function runDesktop(options: RunOptions): void {
  const dataDir = dataDirFor(undefined, process.env)
  if (!prepareFolders(dataDir)) return
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.enableSandbox()
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
  limitPages()
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME)
  const wishes = listenForWishes()
  app
    .whenReady()
    .then(() => start(options, dataDir, wishes))
    // Without this it would stay without a window, and keep every later start from having one.
    .catch(cannotStart)
}

function cannotStart(error: unknown): void {
  const { message = String(error), remedy = '' } = error as { message?: string; remedy?: string }
  dialog.showErrorBox('Amphitheatre cannot start', [message, remedy].join('\n').trim())
  app.exit(1)
}

/** A data folder named by the environment is a world of its own, settings and the one instance included. */
function prepareFolders(dataDir: string): boolean {
  try {
    makeDataFolder(dataDir)
    if (process.env['AMPHITHEATRE_DATA']) {
      makeDataFolder(join(dataDir, 'desktop'))
      app.setPath('userData', join(dataDir, 'desktop'))
    }
    return true
  } catch (error) {
    cannotStart(error)
    return false
  }
}

/** Words of this start, of later ones, and macOS's links; those that come early wait for somebody to take them. */
interface Wishes {
  take(listener: (wish: Wish) => void): void
  readonly first: Wish
}

function listenForWishes(): Wishes {
  const early: Wish[] = []
  let listener = (wish: Wish): void => {
    early.push(wish)
  }
  app.on('second-instance', (_, words, cwd) => listener(parseWords(ownWords(words), cwd)))
  app.on('open-url', (event, url) => {
    event.preventDefault()
    listener({ place: parseLink(url), project: undefined })
  })
  app.on('activate', () => listener({ place: undefined, project: undefined }))
  return {
    first: parseWords(ownWords(process.argv), process.cwd()),
    take(next) {
      listener = next
      for (const wish of early) next(wish)
    },
  }
}

/** Without Electron's own name and, when it is not packaged, the program's folder, which comes first then. */
function ownWords(argv: readonly string[]): readonly string[] {
  const words = argv.slice(1).filter((word) => !word.startsWith('-'))
  return app.isPackaged ? words : words.slice(1)
}

async function start(options: RunOptions, dataDir: string, wishes: Wishes): Promise<void> {
  protocol.handle(APP_SCHEME, serveAppFiles(join(options.bundles, 'renderer')))
  const log = (line: string): void => console.error(line)
  const processes = { node: findNode(), supervisor: outsideArchive(options.supervisor) }
  const engine = new EngineHost({ dataDir, program: options.engineThread, processes, log })
  let ended = false
  const exit = (): void => {
    ended = true
    app.quit()
  }
  const desktop = new Desktop(
    {
      parts: electronParts({ root: options.bundles, icons: options.icons, exit }),
      words: wordsFor(app.getLocale()),
      settings: openSettings(join(app.getPath('userData'), 'desktop.json')),
      link: await keepEngine(() => engine.open()),
      desk: createDesk({ dataDir, env: process.env }),
      host: {
        host: 'electron',
        version: app.getVersion(),
        platform: process.platform,
        dataDir,
        home: homedir(),
        person: personName(),
      },
      isHosting: () => engine.hosting,
      closeEngine: () => engine.close(),
      log,
    },
    wishes.first,
  )
  wishes.take((wish) => desktop.wish(wish))
  // Closing the last window is not quitting: the tray and the agents go on.
  app.on('window-all-closed', () => undefined)
  app.on('before-quit', (event) => {
    if (ended) return
    event.preventDefault()
    void desktop.quit()
  })
  const leave = (): void => void desktop.leave()
  powerMonitor.on('shutdown', leave)
  app.on('browser-window-created', (_, window) => window.on('session-end', leave))
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave)
}
