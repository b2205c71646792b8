import type { MessageName, Messages, Reply } from '../../preload/contract.ts'
import type { NotificationLook, ShownNotification } from '../notices/notifier.ts'
import type { Look } from './summary.ts'
import type { Placement, Rectangle } from './windowState.ts'

/**
 * What the desktop needs of the system it runs on, in its own words: Electron gives it (`electron*.ts`), tests give a
 * hand-written fake. Nothing here knows Electron.
 */
export interface DesktopParts {
  readonly platform: NodeJS.Platform
  openWindow(options: WindowOptions): WindowPart
  /** Work areas of the screens, the main one first. */
  screens(): readonly Rectangle[]
  /** Undefined where there is no tray. */
  openTray(onClick: () => void): TrayPart | undefined
  /** Undefined where notifications are not supported. */
  notify(notification: NotificationLook): ShownNotification | undefined
  /** What waits for a person, on the dock, task bar or launcher. */
  badge(count: number, description: string): void
  /** Resolves to the index of the button; to `cancel` when it was dismissed or aborted. */
  ask(question: DialogQuestion): Promise<number>
  setMenu(menu: readonly MenuEntry[]): void
  /** In the system's own program for files. */
  showFolder(path: string): void
  /** Ends the program. Nothing runs after it. */
  exit(): void
}

export interface WindowOptions {
  readonly placement: Placement
  readonly url: string
  readonly events: WindowEvents
}

export interface WindowEvents {
  /** True keeps it open. */
  onClose(): boolean
  onClosed(): void
  /** It was moved, resized, maximized. */
  onMoved(): void
  /** A new page took the place of the one before. */
  onNewPage(): void
  /** The pages' process is gone; `reason` is the system's word. */
  onCrash(reason: string): void
  onUnresponsive(): void
  onResponsive(): void
}

export interface WindowPart {
  load(url: string): void
  /** Brings it to the front. */
  show(): void
  hide(): void
  destroy(): void
  isFocused(): boolean
  bounds(): Rectangle & { readonly maximized: boolean }
  /** The page's address. */
  url(): string
  post<K extends MessageName>(name: K, message: Messages[K]): void
  /** Answers the requests of the page that is in it. */
  answer(request: (name: string, args: unknown) => Promise<Reply>): void
  setTitle(title: string): void
  /** Shows that something goes on whose end is not known. */
  setBusy(): void
}

export interface TrayPart {
  /** What it shows. */
  set(look: Look, tooltip: string): void
  setMenu(menu: readonly MenuEntry[]): void
  close(): void
}

export interface DialogQuestion {
  readonly message: string
  readonly detail: string
  readonly buttons: readonly string[]
  /** Indices of buttons. */
  readonly preferred: number
  readonly cancel: number
  /** Takes the question away; it comes to `cancel`. */
  readonly signal?: AbortSignal
}

/** Roles are the system's own entries, which name and do themselves. */
export type MenuRole =
  | 'about'
  | 'services'
  | 'hide'
  | 'hideOthers'
  | 'unhide'
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'selectAll'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen'
  | 'minimize'
  | 'zoom'
  | 'front'
  | 'close'

export type MenuEntry =
  | { readonly kind: 'line' }
  | { readonly kind: 'role'; readonly role: MenuRole }
  | {
      readonly kind: 'item'
      readonly label: string
      readonly enabled?: boolean
      /** `CmdOrCtrl+1`. */
      readonly keys?: string
      readonly run: () => void
    }
  | { readonly kind: 'menu'; readonly label: string; readonly entries: readonly MenuEntry[] }
