import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ElectronApplication, _electron as electron, type Page } from '@playwright/test'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** The program in a real Electron, where its binary is. What the stand-in cannot prove: isolation, sandbox, fuses’ ground. */
const ROOT = join(import.meta.dirname, '../..')
const present = existsSync(join(ROOT, 'node_modules/electron/path.txt'))

if (!present) {
  console.log('SKIPPED real Electron: its binary is not here. Run `npx install-electron`, then this again.')
}

describe.skipIf(!present)('in a real Electron', () => {
  let folder: string
  let app: ElectronApplication
  let page: Page

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'amphitheatre-electron-'))
    app = await electron.launch({
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ROOT, 'amphitheatre://view/runs'],
      cwd: ROOT,
      env: { ...(process.env as Record<string, string>), AMPHITHEATRE_DATA: folder },
    })
    page = await app.firstWindow()
  })

  afterEach(async () => {
    await app.close()
    // Windows holds on to files a little after their process.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  })

  it('shows the pages where the link leads, on an engine of its own', async () => {
    await page.locator('[data-view="runs"]').waitFor()
    expect(page.url()).toBe('app://amphitheatre/index.html#/runs')
    const health = await page.evaluate(`window.amphitheatre.request('health', {})`)
    expect(health).toMatchObject({ ok: true, result: { engine: { status: 'running' } } })
    const host = await page.evaluate(`window.amphitheatre.request('host', {})`)
    expect(host).toMatchObject({ result: { host: 'electron', dataDir: folder } })
  })

  it('keeps the pages from Node and from Electron', async () => {
    await page.locator('[data-view]').first().waitFor()
    const seen = await page.evaluate(
      `[typeof require, typeof process, typeof module, typeof Buffer, typeof window.electron]`,
    )
    expect(seen).toEqual(Array(5).fill('undefined'))
    expect(await page.evaluate(`Object.keys(window.amphitheatre).sort()`)).toEqual(['on', 'request'])
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return (window!.webContents as unknown as { getLastWebPreferences(): object }).getLastWebPreferences()
    })
    expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false })
  })

  it('goes nowhere', async () => {
    await page.locator('[data-view="runs"]').waitFor()
    await app.evaluate(({ shell }) => {
      shell.openExternal = async () => undefined
    })
    await page.evaluate(`window.location.href = 'https://example.com/'`)
    expect(await page.evaluate(`window.open('https://example.com/')`)).toBeNull()
    const refused = `fetch('https://example.com/').then(() => 'went out', () => 'refused')`
    expect(await page.evaluate(refused)).toBe('refused')
    expect(await page.evaluate(`fetch('/../package.json').then((r) => r.status)`)).toBe(404)
    expect(page.url()).toBe('app://amphitheatre/index.html#/runs')
    expect(app.windows()).toHaveLength(1)
  })

  it('loads its page again when the page’s process dies', async () => {
    await page.locator('[data-view="runs"]').waitFor()
    await app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer()
    })
    const answer = (): Promise<unknown> =>
      app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(
          `document.querySelector('[data-view]')?.getAttribute('data-view')`,
        ),
      )
    await expect.poll(() => answer().catch(() => 'not yet'), { timeout: 20_000 }).toBe('runs')
  })

  it('closes to the tray', async () => {
    await page.locator('[data-view]').first().waitFor()
    const visible = await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      window!.close()
      return window!.isDestroyed() ? 'destroyed' : window!.isVisible()
    })
    expect(visible).toBe(false)
  })
})
