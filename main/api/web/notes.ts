/** Small pages in plain words, for whoever is not shown the control center. They hold nothing anyone sent. */
export interface Note {
  readonly status: number
  readonly title: string
  readonly text: string
}

export const NOTES = {
  'not-let-in': {
    status: 401,
    title: 'This browser has not been let in yet',
    text: 'Open the address that <code>amphi serve</code> printed; it has a token in it. Or start it with <code>amphi serve --open</code>.',
  },
  'wrong-token': {
    status: 401,
    title: 'This address does not let you in',
    text: 'Its token is not the right one. Open the address that <code>amphi serve</code> printed last, to its end.',
  },
  'too-many': {
    status: 429,
    title: 'Too many wrong tokens',
    text: 'Wait a minute, then open the address that <code>amphi serve</code> printed.',
  },
  'wrong-host': {
    status: 421,
    title: 'This is not the name of this control center',
    text: 'Open it as <code>127.0.0.1</code> or <code>localhost</code>, at its own port. A tunnel has to use the same port at both ends: <code>ssh -L 7410:127.0.0.1:7410 host</code>.',
  },
  'wrong-origin': {
    status: 403,
    title: 'Another page asked for this',
    text: 'Only the control center’s own pages may. Open its address in a window of its own.',
  },
  'wrong-method': {
    status: 405,
    title: 'Nothing can be sent here',
    text: 'The control center’s pages speak over a WebSocket.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    text: 'The control center is at <a href="/">its first page</a>.',
  },
  'too-many-pages': {
    status: 503,
    title: 'Too many pages are open',
    text: 'Close some of them.',
  },
  'needs-upgrade': { status: 426, title: 'This is for WebSockets', text: 'You are let in.' },
  broken: {
    status: 500,
    title: 'This could not be shown',
    text: 'Load it again. If it stays so, restart <code>amphi serve</code>.',
  },
} as const satisfies Readonly<Record<string, Note>>

export type NoteName = keyof typeof NOTES

const STYLE =
  ':root{color-scheme:dark light}body{margin:0;min-height:100vh;display:grid;place-items:center;background:#0e1013;color:#d7dbe0;font:15px/1.6 system-ui,sans-serif}main{max-width:34rem;padding:2rem}h1{font-size:1.1rem;font-weight:600;margin:0 0 .5rem}p{margin:0;color:#9aa3ad}code{color:#d7dbe0}a{color:#8ab4f8}@media(prefers-color-scheme:light){body{background:#f7f7f5;color:#1d2126}p{color:#59626c}code{color:#1d2126}a{color:#1a5fb4}}'

/** `then`: where the page leads by itself, as a path of ours. */
export function notePage({ title, text }: Pick<Note, 'title' | 'text'>, then?: string): string {
  const refresh = then === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${then}">`
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${refresh}<title>${title} · Amphitheatre</title><style>${STYLE}</style></head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>\n`
}

/** The same for what is not a browser. */
export function noteText({ title, text }: Note): string {
  return `${title}. ${text.replaceAll(/<[^>]+>/g, '')}\n`
}
