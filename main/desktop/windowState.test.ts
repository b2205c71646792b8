import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeWindow, type Rectangle } from './windowState.ts'

const MAIN: Rectangle = { x: 0, y: 25, width: 1920, height: 1055 }
const SECOND: Rectangle = { x: 1920, y: 0, width: 2560, height: 1440 }

describe('where the window opens', () => {
  it('is left to the system the first time', () => {
    expect(placeWindow(undefined, [MAIN])).toEqual({
      width: 1440,
      height: 900,
      position: undefined,
      maximized: false,
    })
  })

  it('is where it was', () => {
    const known = { x: 2000, y: 100, width: 1300, height: 800, maximized: true }
    expect(placeWindow(known, [MAIN, SECOND])).toEqual({
      width: 1300,
      height: 800,
      position: { x: 2000, y: 100 },
      maximized: true,
    })
  })

  it('is left to the system again when its screen is gone', () => {
    const known = { x: 2000, y: 100, width: 2400, height: 1300, maximized: false }
    expect(placeWindow(known, [MAIN])).toEqual({
      width: 1920,
      height: 1055,
      position: undefined,
      maximized: false,
    })
  })

  it('never leaves the window where it cannot be moved', () => {
    const number = fc.integer({ min: -6_000, max: 6_000 })
    const size = fc.integer({ min: 1, max: 6_000 })
    const known = fc.record({ x: number, y: number, width: size, height: size, maximized: fc.boolean() })
    const screen = fc.record({
      x: fc.constantFrom(-2560, 0, 1920),
      y: fc.constantFrom(-400, 0, 25),
      width: fc.constantFrom(800, 1366, 2560),
      height: fc.constantFrom(600, 768, 1440),
    })
    fc.assert(
      fc.property(known, fc.array(screen, { minLength: 1, maxLength: 3 }), (window, screens) => {
        const { position, width, height } = placeWindow(window, screens)
        if (position === undefined) return
        const inside = screens.some(
          (area) =>
            position.x >= area.x &&
            position.y >= area.y &&
            position.x + width <= area.x + area.width &&
            position.y + height <= area.y + area.height,
        )
        expect(inside).toBe(true)
      }),
    )
  })
})
