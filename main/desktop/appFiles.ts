import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { PAGE_HEADERS } from '../api/pages/contentPolicy.ts'
import { isOwnUrl } from './restrictions.ts'

/** Kinds of files the pages are built into; others are not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Answers `app://amphitheatre/…` from the folder of the built pages, and from nowhere else. */
export function serveAppFiles(root: string): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' || !isOwnUrl(request.url)) return refuse(403)
    const path = pathInside(new URL(request.url).pathname)
    if (path === undefined) return refuse(403)
    const type = TYPES[extname(path)]
    if (type === undefined) return refuse(404)
    try {
      const file = await realpath(join(root, path))
      // A link could lead out.
      if (!file.startsWith((await realpath(root)) + sep)) return refuse(403)
      const body = new Uint8Array(await readFile(file))
      return new Response(body, { headers: { ...PAGE_HEADERS, 'content-type': type } })
    } catch {
      return refuse(404)
    }
  }
}

/** A path relative to the root with nothing in it that leads out of it, on any system; undefined for any other. */
export function pathInside(pathname: string): string | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return undefined
  }
  if (/[\\:%]/.test(decoded) || hasControl(decoded)) return undefined
  const parts = decoded.split('/').filter((part) => part !== '')
  if (parts.some((part) => part.startsWith('.') || part.endsWith('.') || part.endsWith(' '))) return undefined
  return parts.length === 0 ? 'index.html' : parts.join('/')
}

function hasControl(text: string): boolean {
  return [...text].some((character) => character.charCodeAt(0) < 32)
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: PAGE_HEADERS })
}
