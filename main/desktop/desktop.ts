import { randomUUID } from 'node:crypto'
import type { HostInfo, Place } from '../../preload/contract.ts'
import type { EngineLink } from '../api/pages/engineLink.ts'
import type { Desk } from '../desk/desk.ts'
import type { ClientCommand } from '../domain/commands.ts'
import { commandId } from '../domain/ids.ts'
import { callsSince } from '../domain/incidents/news.ts'
import type { State } from '../domain/state.ts'
import { newsOfIncident } from '../notices/incidentNotices.ts'
import { newsOf } from '../notices/notices.ts'
import { Notifier } from '../notices/notifier.ts'
import { Follower } from './follower.ts'
import type { Wish } from './links.ts'
import { appMenu, type MenuActions } from './menus.ts'
import { PageHost } from './pageHost.ts'
import type { DesktopParts } from './parts.ts'
import { type QuitState, Quitter } from './quitting.ts'
import type { SettingsFile } from './settings.ts'
import { type DesktopSummary, desktopSummary } from './summary.ts'
import { TrayKeeper } from './tray.ts'
import type { Words } from './words.ts'

export interface DesktopOptions {
  readonly parts: DesktopParts
  readonly words: Words
  readonly settings: SettingsFile
  readonly link: EngineLink
  readonly desk: Desk
  readonly host: Omit<HostInfo, 'open'>
  /** Does this program host the engine, or only look at another's? */
  readonly isHosting: () => boolean
  /** Gives the engine back: agents go on. */
  readonly closeEngine: () => Promise<void>
  readonly log: (line: string) => void
}

/** The whole of the desktop but the system: a window, a tray, notifications and menus on one engine. */
export class Desktop {
  readonly #options: DesktopOptions
  readonly #pages: PageHost
  readonly #notifier: Notifier
  readonly #follower: Follower
  readonly #quitter: Quitter
  /** Undefined where there is no tray. */
  readonly #tray: TrayKeeper | undefined
  /** Undefined while there is no engine. */
  #summary: DesktopSummary | undefined
  /** The project the person named last when starting the program. */
  #project: string | null
  #badge = 0
  /** Called when no run is under way any more, or the engine is gone. */
  #onStopped: (() => void) | undefined

  constructor(options: DesktopOptions, wish: Wish) {
    this.#options = options
    this.#project = wish.project ?? null
    const { parts, words } = options
    this.#quitter = this.#makeQuitter()
    this.#pages = this.#makePages()
    this.#notifier = new Notifier({
      notify: (look) => parts.notify(look),
      words,
      lookedAt: () => {
        const looked = this.#pages.lookedAt()
        return looked === null ? null : { ...looked, preferred: this.#summary?.preferred ?? null }
      },
      goTo: (place) => this.#pages.show(place),
      answer: ({ run, id, since }, choice) =>
        this.#dispatch({
          type: 'attention.answer',
          run,
          id,
          choice,
          ...(since === undefined ? {} : { since }),
        }),
      send: (command) => this.#dispatch(command),
    })
    const tray = parts.openTray(() => this.#pages.show())
    this.#tray = tray === undefined ? undefined : new TrayKeeper(tray, words, this.#actions)
    parts.setMenu(appMenu(parts.platform, words, this.#actions))
    this.#follower = new Follower(options.link, {
      onEvent: (event, state) => {
        const news = newsOf(event, state, words)
        if (event.type === 'incident.called') options.settings.update({ calledUntil: event.time })
        if (news !== undefined) this.#notifier.take(news)
      },
      onState: (state) => {
        if (state !== undefined) this.#tellOfCalls(state)
        this.#show(state === undefined ? undefined : desktopSummary(state))
      },
    })
    this.#pages.show(wish.place ?? (wish.project === undefined ? undefined : { view: 'projects' }))
  }

  /** The program was started once more, a link was clicked, the dock's icon too. */
  wish(wish: Wish): void {
    if (wish.project === undefined) {
      this.#pages.show(wish.place)
      return
    }
    this.#project = wish.project
    this.#pages.restart({ view: 'projects' })
  }

  quit(): Promise<void> {
    return this.#quitter.ask()
  }

  /** Without asking: the system goes down. */
  leave(): Promise<void> {
    return this.#quitter.leave()
  }

  get quitState(): QuitState {
    return this.#quitter.state
  }

  get #actions(): MenuActions {
    return {
      open: () => this.#pages.show(),
      goTo: (place: Place) => this.#pages.show(place),
      pauseAll: () => this.#forOpenRuns('run.pause', (run) => !run.paused),
      continueAll: () => this.#forOpenRuns('run.continue', (run) => run.paused),
      stopAll: () => void this.#askToStop(),
      showData: () => this.#options.parts.showFolder(this.#options.host.dataDir),
      quit: () => void this.#quitter.ask(),
    }
  }

  #makePages(): PageHost {
    const { parts, words, settings, link, desk, host } = this.#options
    const project = (): string | null => this.#project
    const info: HostInfo = {
      ...host,
      get open() {
        return project()
      },
    }
    return new PageHost({
      desktop: parts,
      words,
      settings,
      session: { link, desk, host: info },
      onClose: () => this.#closeToTray(),
      onQuit: () => void this.#quitter.ask(),
    })
  }

  #makeQuitter(): Quitter {
    const { parts, words } = this.#options
    return new Quitter({
      words,
      ask: (question) => parts.ask(question),
      agentsAtWork: () => (this.#options.isHosting() ? (this.#summary?.agents ?? 0) : 0),
      stopAll: async () => {
        const runs = this.#summary?.open.filter((run) => !run.stopping) ?? []
        for (const { run } of runs) await this.#mustDispatch({ type: 'run.stop', run, force: false })
      },
      allStopped: () =>
        new Promise((resolve) => {
          this.#onStopped = resolve
          this.#checkStopped()
        }),
      onState: (state) => this.#quitting(state),
      leave: () => this.#end(),
    })
  }

  /** Calls that were made while nobody followed the engine, once each, over restarts too. */
  #tellOfCalls(state: State): void {
    const { settings, words } = this.#options
    const { calledUntil } = settings.settings
    const missed = calledUntil === undefined ? [] : callsSince(state, calledUntil)
    for (const news of missed) this.#notifier.take(newsOfIncident(news, state, words))
    if (calledUntil === undefined || missed.length > 0) settings.update({ calledUntil: state.time })
  }

  #show(summary: DesktopSummary | undefined): void {
    this.#summary = summary
    this.#tray?.show(summary)
    const count = summary?.needsYou ?? 0
    if (count !== this.#badge) {
      this.#badge = count
      this.#options.parts.badge(count, this.#options.words.needYou(count))
    }
    if (this.#quitter.state === 'stopping') this.#sayStopping()
    this.#checkStopped()
  }

  #checkStopped(): void {
    if (this.#summary !== undefined && this.#summary.open.length > 0) return
    this.#onStopped?.()
    this.#onStopped = undefined
  }

  /** What can be seen of it: the tray's words, the window's title and its progress in the task bar. */
  #quitting(state: QuitState): void {
    this.#tray?.setStopping(state === 'stopping')
    if (state !== 'stopping') return
    this.#pages.show()
    this.#sayStopping()
  }

  #sayStopping(): void {
    this.#pages.setBusy(this.#options.words.stopping(this.#summary?.agents ?? 0))
  }

  /** Closing the window is not quitting where there is a tray to come back from. */
  #closeToTray(): boolean {
    if (this.#quitter.state === 'leaving') return false
    const { parts, settings, words } = this.#options
    // macOS keeps programs without windows in the dock; elsewhere there has to be a tray.
    if (this.#tray === undefined && parts.platform !== 'darwin') {
      void this.#quitter.ask()
      return true
    }
    this.#pages.hide()
    if (!settings.settings.toldOfTray) {
      settings.update({ toldOfTray: true })
      this.#notifier.tell(words.stays.title, words.stays.body, { view: 'house' })
    }
    return true
  }

  async #askToStop(): Promise<void> {
    const { parts, words } = this.#options
    const answer = await parts.ask({
      message: words.stopAsk.message(this.#summary?.agents ?? 0),
      detail: words.stopAsk.detail,
      buttons: [words.stopAsk.stop, words.stopAsk.cancel],
      preferred: 1,
      cancel: 1,
    })
    if (answer !== 0) return
    for (const { run, stopping } of this.#summary?.open ?? []) {
      if (!stopping) this.#dispatch({ type: 'run.stop', run, force: false })
    }
  }

  #forOpenRuns(
    type: 'run.pause' | 'run.continue',
    which: (run: DesktopSummary['open'][number]) => boolean,
  ): void {
    for (const run of this.#summary?.open ?? []) {
      if (!run.stopping && which(run)) this.#dispatch({ type, run: run.run })
    }
  }

  /** What is refused is over already: the state, which everything here shows, says so. */
  #dispatch(command: ClientCommand): void {
    this.#mustDispatch(command).catch((error: unknown) => {
      this.#options.log(`${command.type} was not taken: ${(error as Error).message}`)
    })
  }

  async #mustDispatch(command: ClientCommand): Promise<void> {
    const { link, host } = this.#options
    if (link.status.status === 'lost') throw new Error(link.status.reason)
    const id = commandId(randomUUID())
    await link.status.center.dispatch({ command, actor: `person:${host.person}`, id })
  }

  async #end(): Promise<void> {
    const { link, closeEngine, parts, log } = this.#options
    this.#follower.close()
    this.#notifier.close()
    this.#pages.close()
    this.#tray?.close()
    try {
      await link.close()
      await closeEngine()
    } catch (error) {
      log(`The engine did not close: ${(error as Error).message}`)
    }
    parts.exit()
  }
}
