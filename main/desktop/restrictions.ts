/**
 * What pages may not do, after Electron's security checklist (https://www.electronjs.org/docs/latest/tutorial/security,
 * points 5, 12 to 15 and 17). One place says what is let through; all else is refused.
 */
export const APP_SCHEME = 'app'
const APP_HOST = 'amphitheatre'
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`

/** Is this an address of our own pages? */
export function isOwnUrl(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host, username, password } = new URL(url)
  return protocol === `${APP_SCHEME}:` && host === APP_HOST && username === '' && password === ''
}

/** May this be handed to the system's browser? Only what cannot start another program: plain https. */
export function mayOpenOutside(url: string): boolean {
  if (url.length > 2_000 || !URL.canParse(url)) return false
  const { protocol, username, password } = new URL(url)
  return protocol === 'https:' && username === '' && password === ''
}

/** Copying from a terminal is the only thing pages may do that has to be asked for. */
export function mayUse(permission: string, url: string): boolean {
  return permission === 'clipboard-sanitized-write' && isOwnUrl(url)
}

/** The frame a call comes from, as far as it matters here. */
export interface Caller {
  /** Null when the frame is gone. */
  readonly frame: { readonly url: string } | null
  /** The one frame that may call; undefined when its window is gone. */
  readonly main: { readonly url: string } | undefined
}

/** Is this call from the pages themselves, in the window's own frame? */
export function isTrusted({ frame, main }: Caller): boolean {
  return frame !== null && frame === main && isOwnUrl(frame.url)
}
