import { useSyncExternalStore } from 'react'
import type { RunId } from '../../../main/domain/ids.ts'
import { type Place, VIEWS, type ViewName } from '../../../preload/contract.ts'

/** Where the person is: kept in the address, so that reload, back and forward work. */

const HOME: Place = { view: 'house' }

let known = { hash: '\0', place: HOME }

/** `#/graph/<run>/<task>/<at>`; anything else is home. */
export function parsePlace(hash: string): Place {
  const [, view, run, task, at] = hash.split('/').map((part) => safeDecode(part))
  if (!VIEWS.includes(view as ViewName)) return HOME
  return {
    view: view as ViewName,
    ...(run === undefined || run === '' ? {} : { run: run as RunId }),
    ...(task === undefined || task === '' ? {} : { task }),
    ...(at === undefined || at === '' ? {} : { at }),
  }
}

export function formatPlace(place: Place): string {
  const parts = [place.view, place.run ?? '', place.task ?? '', place.at ?? ''].map(encodeURIComponent)
  return `#/${parts.join('/').replace(/\/+$/, '')}`
}

export function currentPlace(): Place {
  const { hash } = window.location
  if (hash !== known.hash) known = { hash, place: parsePlace(hash) }
  return known.place
}

/** Another view of the same run and task: what was meant within the one before means nothing there. */
export function placeIn(view: ViewName, { run, task }: Place): Place {
  return { view, ...(run === undefined ? {} : { run }), ...(task === undefined ? {} : { task }) }
}

/** What is left out stays as it is; undefined takes it away. */
export interface Destination {
  readonly view?: ViewName
  readonly run?: RunId | undefined
  readonly task?: string | undefined
  readonly at?: string | undefined
}

/** Keeps the run when only the view changes, the task within a run, and what is meant within a view of it. */
export function navigate(to: Destination, how: 'push' | 'replace' = 'push'): void {
  const now = currentPlace()
  const place: Place = { view: to.view ?? now.view, ...('run' in to ? runOf(to) : runOf(now)) }
  const task = 'task' in to ? to.task : to.run === undefined || to.run === now.run ? now.task : undefined
  const same = place.view === now.view && place.run === now.run
  const at = 'at' in to ? to.at : same ? now.at : undefined
  const hash = formatPlace({
    ...place,
    ...(task === undefined ? {} : { task }),
    ...(at === undefined ? {} : { at }),
  })
  if (hash === window.location.hash) return
  if (how === 'replace') window.history.replaceState(null, '', hash)
  else window.history.pushState(null, '', hash)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, currentPlace)
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  window.addEventListener('popstate', listener)
  return () => {
    window.removeEventListener('hashchange', listener)
    window.removeEventListener('popstate', listener)
  }
}

function runOf({ run }: Destination): { readonly run?: RunId } {
  return run === undefined ? {} : { run }
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
