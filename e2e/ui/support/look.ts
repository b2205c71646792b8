import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Page, expect as see } from '@playwright/test'
import axe from 'axe-core'
import { expect } from 'vitest'

/** Pictures of what the tests saw, to be looked at. */
export const PICTURES = join(import.meta.dirname, '../../../out/pictures')
mkdirSync(PICTURES, { recursive: true })

export const THEMES = ['dark', 'light'] as const
export const SIZES = [
  [1440, 900],
  [1024, 700],
] as const

/** Where the picture of that name lies. */
export function pictureFile(name: string): string {
  return join(PICTURES, `${name}.png`)
}

/**
 * axe finds nothing. Asked in the page itself for violations only: `@axe-core/playwright` carries the whole report over
 * a second page, which takes several times as long. The pages have no frames.
 */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source)
  const found = await page.evaluate(`axe
    .run(document, { resultTypes: ['violations'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0]?.html))`)
  expect(found, where).toEqual([])
}

/** As it is now. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: pictureFile(name) })
  await expectAccessible(page, name)
}

/** In both themes and sizes; the window is left dark and large. */
export async function pictures(page: Page, name: string): Promise<void> {
  for (const [width, height] of SIZES.toReversed()) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of THEMES.toReversed()) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await see(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
      // Drawn in it, too.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
      await picture(page, `${name}-${colorScheme}-${width}`)
    }
  }
}
