import { resolve } from 'node:path'
import { type Place, VIEWS, type ViewName } from '../../preload/contract.ts'
import { NAME_PATTERN, runId } from '../domain/ids.ts'

/**
 * Links into the program: `amphitheatre://run/<id>`, `amphitheatre://run/<id>/task/<task>`,
 * `amphitheatre://view/<name>`. Anybody may put one on a web page, so they only ever show something, and whatever is
 * not exactly of these forms is none.
 */
export const LINK_SCHEME = 'amphitheatre'

const FORM = /^amphitheatre:\/\/(run|view)\/([^/?#]+)(?:\/task\/([^/?#]+))?\/?$/
/** Longer ones are not made by us. */
const MAX_LENGTH = 300

/** Undefined for what is not a link of ours. */
export function parseLink(text: string): Place | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const match = FORM.exec(text)
  if (match === null) return undefined
  const [, what, name, task] = match
  if (what === 'view') {
    const view = VIEWS.find((known) => known === name)
    return view === undefined || task !== undefined ? undefined : { view }
  }
  if (!NAME_PATTERN.test(name!) || (task !== undefined && !NAME_PATTERN.test(task))) return undefined
  const run = runId(name!)
  return task === undefined ? { view: 'house', run } : { view: 'graph', run, task }
}

/** What a start of the program asks for. */
export interface Wish {
  readonly place: Place | undefined
  /** A project's folder, absolute. */
  readonly project: string | undefined
}

/**
 * Reads the words after the program's own name. Switches are Chromium's and none of ours; the first link and the
 * first path count. Relative paths are of the folder the person stood in.
 */
export function parseWords(words: readonly string[], cwd: string): Wish {
  const plain = words.filter((word) => word !== '' && !word.startsWith('-'))
  const links = plain.filter((word) => word.toLowerCase().startsWith(`${LINK_SCHEME}:`))
  const path = plain.find((word) => !/^[a-z][a-z0-9+.-]+:\/\//i.test(word) && !links.includes(word))
  return {
    place: links.map(parseLink).find((place) => place !== undefined),
    project: path === undefined ? undefined : resolve(cwd, path),
  }
}

/** As the pages write it into their address: `#/graph/<run>/<task>/<at>`. */
export function hashOf(place: Place): string {
  const parts = [place.view, place.run ?? '', place.task ?? '', place.at ?? ''].map(encodeURIComponent)
  return `#/${parts.join('/').replace(/\/+$/, '')}`
}

/** Where the pages are, from their address; undefined if that cannot be told. */
export function placeOf(url: string): Place | undefined {
  const hash = url.indexOf('#/')
  if (hash < 0) return undefined
  try {
    const [view, run, task, at] = url
      .slice(hash + 2)
      .split('/')
      .map(decodeURIComponent)
    if (!VIEWS.includes(view as ViewName)) return undefined
    return {
      view: view as ViewName,
      ...(run ? { run: runId(run) } : {}),
      ...(task ? { task } : {}),
      ...(at ? { at } : {}),
    }
  } catch {
    return undefined
  }
}
