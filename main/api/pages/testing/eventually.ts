import { vi } from 'vitest'

/** Resolves once `expectation` holds. Generous: machines that run tests are busy; soon noticed where it holds. */
export function eventually(expectation: () => void): Promise<void> {
  return vi.waitFor(expectation, { timeout: 30_000, interval: 5 })
}

/** Resolves when a figure above zero has stopped changing. */
export async function settled(figure: () => number): Promise<void> {
  let before = 0
  let still = 0
  await eventually(() => {
    const now = figure()
    still = now === before && now > 0 ? still + 1 : 0
    before = now
    if (still < 10) throw new Error(`still changing at ${now}`)
  })
}
