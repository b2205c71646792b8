/**
 * What the pages may load and do, the same from every host. Everything comes from where the page itself came from.
 * Styles may be set by script: the terminal and the graph place what they draw that way. `connect-src 'self'` covers
 * the WebSocket of the page's own host.
 */
/** Of the script in renderer/index.html, which has to be there before anything can fail to be fetched. */
export const PAGE_SCRIPT = 'sha256-hhXro4ZnTvsIQ0P+BkR87+bSDVs2zCoLZklnI9g8PIA='

const DIRECTIVES = {
  'default-src': "'none'",
  'script-src': `'self' '${PAGE_SCRIPT}'`,
  'worker-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self' data:",
  'connect-src': "'self'",
  'object-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
} as const

export const CONTENT_POLICY = Object.entries(DIRECTIVES)
  .map(([name, sources]) => `${name} ${sources}`)
  .join('; ')

/** Sent with every file of the pages. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}
