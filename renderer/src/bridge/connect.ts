import type { AmphitheatreBridge } from '../../../preload/contract.ts'
import { KEY_HEADER, KEY_PROTOCOL, WIRE_PROTOCOL } from '../../../preload/wire.ts'
import { browserBridge } from './browserBridge.ts'
import { type ElectronCarrier, electronBridge } from './electronBridge.ts'
import { WorkerSockets } from './workerSockets.ts'

declare global {
  interface Window {
    /** There under Electron only. */
    readonly amphitheatre?: ElectronCarrier
  }
}

/** Is this a tab or window of a browser, and not the desktop's? */
export const isInBrowser = (): boolean => window.amphitheatre === undefined

const KEY_NAME = 'amphitheatre-key'

/** The bridge of this page, whoever serves it. Called once, before anything looks at the page's address. */
export function connectBridge(): AmphitheatreBridge {
  if (window.amphitheatre !== undefined) return electronBridge(window.amphitheatre)
  keepKey()
  const pages = new URL('/pages', window.location.href)
  const socketUrl = new URL(pages)
  socketUrl.protocol = pages.protocol.replace('http', 'ws')
  const sockets = new WorkerSockets()
  return browserBridge({
    openSocket: () => sockets.open(socketUrl.href, [WIRE_PROTOCOL, `${KEY_PROTOCOL}${key()}`]),
    isAllowed: async () => {
      const response = await fetch(pages, { headers: { [KEY_HEADER]: key() }, cache: 'no-store' })
      return response.status !== 401
    },
    onWake,
  })
}

/**
 * The host hands the page's key over in the address, once. It is kept where only pages of this very address and port
 * can read it: cookies go to every port of the machine, whoever listens there.
 */
function keepKey(): void {
  const found = /^#key=([\w-]+)$/.exec(window.location.hash)?.[1]
  if (found === undefined) return
  window.localStorage.setItem(KEY_NAME, found)
  window.history.replaceState(null, '', '/')
}

function key(): string {
  return window.localStorage.getItem(KEY_NAME) ?? 'none'
}

function onWake(listener: () => void): () => void {
  const seen = (): void => {
    if (document.visibilityState === 'visible') listener()
  }
  window.addEventListener('online', listener)
  document.addEventListener('visibilitychange', seen)
  return () => {
    window.removeEventListener('online', listener)
    document.removeEventListener('visibilitychange', seen)
  }
}
