import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type StandIn, startStandIn } from './standIn.ts'

/** The built program with Electron's stand-in: a real engine on its thread, the real pages in a real Chromium. */
const started: { readonly program: StandIn; readonly folder: string }[] = []

afterEach(async () => {
  for (const { program, folder } of started.splice(0)) {
    await program.kill()
    rmSync(folder, { recursive: true, force: true })
  }
})

function start(words: readonly string[] = []): StandIn {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-stand-in-'))
  const program = startStandIn({ dataDir: folder, words })
  started.push({ program, folder })
  return program
}

/** What the page shows is the pages' affair; that there is something and where it stands is ours. */
const VIEW = `document.querySelector('[data-view]')?.getAttribute('data-view') ?? null`
const SHOWN = `document.querySelector('#root')?.childElementCount ?? 0`

async function shown(program: StandIn, view: string): Promise<void> {
  await program.until('evaluate', [VIEW], (seen) => seen === view)
  expect(await program.call('evaluate', SHOWN)).toBeGreaterThan(0)
}

/** Quits, and fails on a call the stand-in does not know. */
async function quit(program: StandIn): Promise<void> {
  expect(await program.call('unknownCalls')).toEqual([])
  await program.call('quit').catch(() => undefined)
  expect(await program.ended, program.output()).toBe(0)
}

describe('the program', () => {
  it('shows the pages on an engine of its own, and leaves nothing when it quits', async () => {
    const program = start()
    await shown(program, 'house')
    const reply = `window.amphitheatre.request('health', {})`
    expect(await program.call('evaluate', reply)).toMatchObject({
      ok: true,
      result: { pid: program.pid, engine: { status: 'running' } },
    })
    const [window] = await program.call('windows')
    expect(window).toMatchObject({ visible: true, url: expect.stringContaining('app://amphitheatre/') })
    expect(await program.call('told')).toMatchObject({
      sandboxed: true,
      schemes: [{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }],
      protocolClients: [],
    })
    await quit(program)
  })

  it('shows a policy the pages live with, and nothing of other origins', async () => {
    const program = start()
    await shown(program, 'house')
    const script = `fetch('/index.html').then((r) => r.headers.get('content-security-policy'))`
    expect(await program.call('evaluate', script)).toContain("script-src 'self'")
    const outside = `fetch('https://example.com/').then(() => 'went out', () => 'refused')`
    expect(await program.call('evaluate', outside)).toBe('refused')
    const inline = `(() => {
      const script = document.createElement('script')
      script.textContent = 'window.ran = true'
      document.head.append(script)
      return window.ran ?? 'refused'
    })()`
    expect(await program.call('evaluate', inline)).toBe('refused')
    await quit(program)
  })

  it('lets pages do nothing but talk to it', async () => {
    const program = start()
    await shown(program, 'house')
    expect(await program.call('navigate', 'https://example.com/')).toBe(true)
    expect(await program.call('navigate', 'file:///etc/passwd')).toBe(true)
    expect(await program.call('navigate', 'app://amphitheatre/index.html')).toBe(false)
    expect(await program.call('openWindow', 'https://example.com/guide')).toBe('deny')
    expect(await program.call('openWindow', 'file:///usr/bin/true')).toBe('deny')
    expect(await program.call('attachWebview')).toBe(true)
    const own = 'app://amphitheatre/index.html'
    expect(await program.call('permission', 'media', own)).toBe(false)
    expect(await program.call('permission', 'clipboard-sanitized-write', own)).toBe(true)
    expect(await program.call('device')).toBe(false)
    expect(await program.call('foreignCall', own)).toBe('refused')
    expect(await program.call('foreignCall', 'https://example.com/')).toBe('refused')
    const { openedOutside } = await program.call('told')
    expect(openedOutside).toEqual(['https://example.com/', 'https://example.com/guide'])
    await quit(program)
  })

  it('opens where links lead, at its start and later', async () => {
    const program = start(['amphitheatre://view/queue'])
    await shown(program, 'queue')
    await program.call('start', ['amphitheatre://view/runs', '--some-switch'], '/')
    await shown(program, 'runs')
    await program.call('openUrl', 'amphitheatre://view/events')
    await shown(program, 'events')
    await program.call('openUrl', 'amphitheatre://view/../../etc')
    await program.call('clickMenu', 'Graph')
    await shown(program, 'graph')
    await quit(program)
  })

  it('is told the project it was started with', async () => {
    const program = start(['/srv/shop'])
    await shown(program, 'projects')
    const host = `window.amphitheatre.request('host', {})`
    expect(await program.call('evaluate', host)).toMatchObject({
      result: { host: 'electron', open: '/srv/shop' },
    })
    await quit(program)
  })

  it('goes on in the tray and comes back', async () => {
    const program = start()
    await shown(program, 'house')
    await program.call('closeWindow')
    expect((await program.call('windows'))[0]).toMatchObject({ visible: false })
    expect(await program.call('notifications')).toMatchObject([{ title: 'Amphitheatre goes on' }])
    await program.call('clickTray', 'Open Amphitheatre')
    expect((await program.call('windows'))[0]).toMatchObject({ visible: true })
    const [tray] = await program.call('trays')
    expect(tray).toMatchObject({
      image: expect.stringContaining('tray-idle'),
      tooltip: 'Amphitheatre: Nothing is running',
    })
    const settings = join(started[0]!.folder, 'desktop/desktop.json')
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toMatchObject({ toldOfTray: true })
    await quit(program)
  })

  it('loads its page again when the page’s process dies, at the place it was, in step with the engine', async () => {
    const program = start(['amphitheatre://view/runs'])
    await shown(program, 'runs')
    await program.call('evaluate', 'window.before = true')
    await program.call('crash')
    await program.until('evaluate', ['window.before ?? null'], (before) => before === null)
    await shown(program, 'runs')
    expect(await program.call('evaluate', `window.amphitheatre.request('snapshot', {})`)).toMatchObject({
      ok: true,
    })
    await quit(program)
  })

  it('asks about a page that hangs', async () => {
    const program = start()
    await shown(program, 'house')
    await program.call('unresponsive')
    expect(await program.call('dialogs')).toMatchObject([{ buttons: ['Wait', 'Load again'] }])
    await program.call('answer', 1)
    await shown(program, 'house')
    await quit(program)
  })
})
