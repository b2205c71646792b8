import { type ComponentType, type LazyExoticComponent, lazy } from 'react'

declare global {
  interface Window {
    /** Of index.html: loads the page anew in a moment. False when that was tried often enough. */
    fetchPageAgain?: () => boolean
  }
}

/** Between two tries to fetch a part, ms. */
const AGAIN_MS = [200, 800]

/**
 * A part of the page that is fetched when it is first shown. Where that fails it is tried again; some browsers keep a
 * failure for good, so in the end the page is loaded anew, in the same place.
 */
export function lazyPart<Props>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => ({ default: await persistently(load) }))
}

async function persistently<T>(load: () => Promise<T>): Promise<T> {
  for (const ms of AGAIN_MS) {
    try {
      return await load()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, ms))
    }
  }
  try {
    return await load()
  } catch (error) {
    // Nothing is shown for the moment until the new page is here.
    if (window.fetchPageAgain?.() === true) return new Promise<T>(() => undefined)
    throw error
  }
}
