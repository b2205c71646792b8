import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { chromiums } from '../../../main/desk/openPage.ts'

/**
 * A Chromium of this machine: what AMPHITHEATRE_CHROMIUM or CHROMIUM names, one that is installed, else Playwright's own
 * if it was fetched.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = [env.AMPHITHEATRE_CHROMIUM, env.CHROMIUM, '/usr/bin/chromium']
  const places = [...named, ...chromiums(env, process.platform), chromium.executablePath()]
  return places.find((place) => place !== undefined && existsSync(place))
}

/** A Chromium of this machine; Playwright's own where none is found. */
export function launch(): Promise<Browser> {
  const found = findChromium()
  const args = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  // Chromium's own sandbox cannot be set up by root.
  if (process.getuid?.() === 0) args.push('--no-sandbox')
  return chromium.launch({ ...(found === undefined ? {} : { executablePath: found }), args })
}

export type Theme = 'dark' | 'light'

export interface Look {
  readonly theme?: Theme
  readonly size?: readonly [width: number, height: number]
  /** With all that pulses and glides. Drawn without a graphics card, that takes a core of the machine for each window. */
  readonly moving?: boolean
}

/** A window of its own, with nothing remembered. */
export function openWindow(browser: Browser, look: Look = {}): Promise<BrowserContext> {
  const [width, height] = look.size ?? [1440, 900]
  return browser.newContext({
    viewport: { width, height },
    colorScheme: look.theme ?? 'dark',
    reducedMotion: look.moving === true ? 'no-preference' : 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
}

/** Faults of the page itself: nothing may be said on its console, nothing thrown. */
export function watchFaults(page: Page): readonly string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    const { url } = message.location()
    // A lost connection is what some tests are about; Chromium tells of each.
    if (message.type() !== 'error' || /WebSocket|ERR_CONNECTION|net::/.test(message.text())) return
    faults.push(`${message.text()} (${url})`)
  })
  return faults
}
