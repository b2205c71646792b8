import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Desk } from '../desk/desk.ts'
import { Driver, RUN } from '../domain/testing/driver.ts'
import { configure, incident, open as openIncident, told } from '../domain/testing/incidents.ts'
import { tasks } from '../domain/testing/plan.ts'
import { at, exited, fail, finish, start } from '../domain/testing/steps.ts'
import { addPoint, withTarget } from '../domain/testing/targets.ts'
import { Desktop } from './desktop.ts'
import { parseWords, type Wish } from './links.ts'
import { openSettings } from './settings.ts'
import { driverCenter, fakeLink } from './testing/driverCenter.ts'
import { entry, type FakeParts, fakeParts } from './testing/fakeParts.ts'
import { wordsFor } from './words.ts'

const NO_WISH: Wish = { place: undefined, project: undefined }
const FOLLOW = { stream: 1, from: 0 }
const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-desktop-'))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

interface SetUp {
  readonly parts?: FakeParts
  readonly wish?: Wish
  readonly hosting?: boolean
}

async function setUp(driver: Driver, { parts = fakeParts(), wish = NO_WISH, hosting = true }: SetUp = {}) {
  const link = fakeLink(driverCenter(driver))
  let closed = false
  const desktop = new Desktop(
    {
      parts,
      words: wordsFor('en'),
      settings: openSettings(join(folder, 'desktop.json')),
      link,
      desk: {} as Desk,
      host: {
        host: 'electron',
        version: '1',
        platform: 'linux',
        dataDir: '/d',
        home: '/home/kim',
        person: 'kim',
      },
      isHosting: () => hosting,
      closeEngine: async () => {
        closed = true
      },
      log: () => undefined,
    },
    wish,
  )
  await settle()
  return { desktop, parts, link, window: parts.windows[0]!, isClosed: () => closed }
}

/** Lets what is under way arrive, and the state be looked at. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(200)
}

describe('the tray', () => {
  it('follows the engine, and its menu acts', async () => {
    const driver = Driver.running(tasks(['a', 'b']))
    start(driver, 'a', 'b')
    const { parts } = await setUp(driver)
    expect(parts.tray).toMatchObject({ look: 'running', tooltip: 'Amphitheatre: 2 agents running' })
    expect(entry(parts.tray.menu, 'Continue all').enabled).toBe(false)

    entry(parts.tray.menu, 'Pause all').run()
    await settle()
    expect(driver.run().paused).toBe(true)
    expect(entry(parts.tray.menu, 'Pause all').enabled).toBe(false)
    entry(parts.tray.menu, 'Continue all').run()
    await settle()
    expect(driver.run().paused).toBe(false)
  })

  it('leads to what a person was asked last', async () => {
    const driver = Driver.running(tasks(['a']))
    const { parts, window } = await setUp(driver)
    await window.request('follow', FOLLOW)
    fail(driver, 'a')
    await settle()
    expect(parts.tray.look).toBe('needs-you')
    expect(parts.badges).toEqual([1])
    const [item] = driver.run().attention
    entry(parts.tray.menu, item!.text).run()
    expect(window.posted).toContainEqual({
      name: 'goto',
      message: { view: 'graph', run: RUN, task: 'a' },
    })
  })

  it('stops what is under way, when asked twice', async () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    const { parts } = await setUp(driver)
    entry(parts.tray.menu, 'Stop …').run()
    expect(parts.questions[0]!.message).toBe('Stop 1 agent?')
    parts.questions[0]!.answer(1)
    await settle()
    expect(driver.run().stop).toBeNull()
    entry(parts.tray.menu, 'Stop …').run()
    parts.questions[0]!.answer(0)
    await settle()
    expect(driver.run().stop).toEqual({ force: false })
    expect(entry(parts.tray.menu, 'Stop …').enabled).toBe(false)
  })

  it('is drawn again only when something changed', async () => {
    const driver = Driver.running(tasks(['a', 'b: a']))
    const { parts } = await setUp(driver)
    const before = parts.tray.drawn
    finish(driver, 'a')
    await settle()
    await settle()
    expect(parts.tray.drawn).toBeLessThanOrEqual(before + 1)
  })

  it('says that the engine is away, and calls it an incident when it stays away', async () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    const { parts, link } = await setUp(driver)
    const { status } = link
    link.set({ status: 'lost', reason: 'gone', remedy: '' })
    expect(parts.tray).toMatchObject({ look: 'running', tooltip: 'Amphitheatre: The engine is away' })
    await vi.advanceTimersByTimeAsync(6_000)
    expect(parts.tray.look).toBe('incident')
    link.set(status)
    await settle()
    expect(parts.tray.look).toBe('running')
  })
})

describe('notifications', () => {
  it('tell what happened while nobody looked, an absent engine included', async () => {
    const driver = Driver.running(tasks(['a', 'b']))
    start(driver, 'a', 'b')
    const { parts, link, window } = await setUp(driver)
    window.focused = false
    const { status } = link
    link.set({ status: 'lost', reason: 'gone', remedy: '' })
    finish(driver, 'a', 'b')
    await settle()
    link.set(status)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(parts.notifications.map((one) => one.title)).toEqual(['Test #1 is done'])
    parts.notifications[0]!.onClick()
    expect(window.loads.at(-1)).toBe('app://amphitheatre/index.html#/house/r1')
    expect(window.focused).toBe(true)
  })

  it('do not tell of what is on the screen, nor of what was before', async () => {
    const driver = Driver.running(tasks(['a', 'b']))
    fail(driver, 'a')
    const { parts } = await setUp(driver)
    fail(driver, 'b')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(parts.notifications).toEqual([])
  })

  it('answer by their buttons', async () => {
    const driver = Driver.running(tasks(['a', 'b']))
    const { parts, window } = await setUp(driver)
    window.focused = false
    start(driver, 'a', 'b')
    fail(driver, 'a')
    await vi.advanceTimersByTimeAsync(2_000)
    expect(parts.notifications[0]!.buttons).toEqual(['Retry', 'Skip'])
    parts.notifications[0]!.onButton(1)
    await settle()
    expect(driver.task('a').outcome).toBe('skipped')
    expect(parts.notifications[0]!.closed).toBe(true)
  })
})

describe('an incident', () => {
  /** A shop with a good point, and a P0 that is not acknowledged yet. */
  function alarmed(): Driver {
    const driver = new Driver()
    configure(driver)
    withTarget(driver)
    addPoint(driver, 'r0/deploy#1')
    return driver
  }
  const page = { view: 'incidents', at: 'p~i1' }
  const rollback = { view: 'incidents', at: 'p~i1!rollback' }

  it('is told with what can be done about it; acknowledging takes it back', async () => {
    const driver = alarmed()
    const { parts, window } = await setUp(driver)
    window.focused = false
    driver.must(openIncident())
    await vi.advanceTimersByTimeAsync(2_000)
    expect(parts.tray.look).toBe('incident')
    expect(parts.badges.at(-1)).toBe(1)
    expect(parts.notifications.map(({ title, urgent }) => [title, urgent])).toEqual([
      ['P0 i1: Checkout fails', true],
    ])
    expect(parts.notifications[0]!.buttons).toEqual(['Acknowledge'])
    parts.notifications[0]!.onButton(0)
    await settle()
    expect(incident(driver).acknowledged).toMatchObject({ at: driver.now })
    expect(parts.notifications[0]!.closed).toBe(true)
  })

  it('that called while the program was off is told once when it is back, with its buttons', async () => {
    const driver = alarmed()
    await (await setUp(driver)).desktop.leave()
    driver.advance(1_000)
    driver.must(openIncident())
    for (const times of [1, 0]) {
      const { desktop, parts, window } = await setUp(driver)
      window.focused = false
      await vi.advanceTimersByTimeAsync(2_000)
      expect(parts.notifications.map(({ title, buttons }) => [title, buttons])).toEqual(
        Array.from({ length: times }, () => ['P0 i1: Checkout fails', ['Acknowledge']]),
      )
      await desktop.leave()
    }
  })

  it('leads from the notification and the tray to what a rollback would do, and orders none by itself', async () => {
    const driver = alarmed()
    const { parts, window } = await setUp(driver)
    window.focused = false
    driver.must(openIncident())
    const run = incident(driver).checks!.run!
    told(driver, run, 'deploys', { finding: 'v2 went out', cause: 'recent_deploy', confidence: '0.6' })
    told(driver, run, 'queries', { finding: 'inserts fail', cause: 'bad_migration', confidence: '94 %' })
    await vi.advanceTimersByTimeAsync(2_000)
    const [shown] = parts.notifications
    expect(shown).toMatchObject({
      body: 'Bad migration, 88 %',
      buttons: ['Acknowledge', 'Roll back …'],
    })
    const runs = driver.state.runs.size
    shown!.onButton(1)
    await settle()
    expect(window.loads.at(-1)).toContain(encodeURIComponent(rollback.at))
    entry(parts.tray.menu, 'P0 i1: Checkout fails').run()
    entry(parts.tray.menu, 'Roll back …').run()
    await settle()
    expect(driver.state.runs.size).toBe(runs)
    expect([...window.loads.slice(-2)].map((url) => decodeURIComponent(url.split('/').at(-1)!))).toEqual([
      page.at,
      rollback.at,
    ])
  })

  it('offers the remedy that fits to be approved, where it is no rollback', async () => {
    const driver = alarmed()
    const { parts, window } = await setUp(driver)
    window.focused = false
    driver.must(openIncident())
    const run = incident(driver).checks!.run!
    told(driver, run, 'deploys', { finding: 'memory grows', cause: 'memory_leak', confidence: '0.95' })
    told(driver, run, 'queries', { finding: 'none is slow', cause: 'none' })
    await vi.advanceTimersByTimeAsync(2_000)
    const [shown] = parts.notifications
    expect(shown!.buttons).toEqual(['Acknowledge', 'Roll back …', 'Approve: Restart containers'])
    shown!.onButton(2)
    await settle()
    expect(incident(driver)).toMatchObject({
      state: 'mitigating',
      decision: { choice: 'restart' },
    })
  })
})

describe('the window', () => {
  it('closes to the tray and says so once', async () => {
    const driver = new Driver()
    const { parts, window, desktop } = await setUp(driver)
    expect(window.options.events.onClose()).toBe(true)
    expect(window.visible).toBe(false)
    desktop.wish(NO_WISH)
    expect(window.visible).toBe(true)
    expect(window.options.events.onClose()).toBe(true)
    expect(parts.notifications.map((one) => one.title)).toEqual(['Amphitheatre goes on'])
    expect(parts.exited).toBe(false)
  })

  it('closes the program where there is no tray', async () => {
    const { parts, window, isClosed } = await setUp(new Driver(), { parts: fakeParts({ tray: false }) })
    expect(window.options.events.onClose()).toBe(true)
    await settle()
    expect(isClosed()).toBe(true)
    expect(parts.exited).toBe(true)
  })

  it('is remembered', async () => {
    const { window } = await setUp(new Driver())
    window.options.events.onMoved()
    await vi.advanceTimersByTimeAsync(1_000)
    const again = await setUp(new Driver())
    expect(again.window.options.placement).toEqual({
      width: 1200,
      height: 800,
      position: { x: 10, y: 20 },
      maximized: false,
    })
  })

  it.each<[string[], string]>([
    [[], 'app://amphitheatre/index.html'],
    [['amphitheatre://run/r1/task/a'], 'app://amphitheatre/index.html#/graph/r1/a'],
    [['shop'], 'app://amphitheatre/index.html#/projects'],
  ])('opens where the words %j lead', async (words, url) => {
    const { window } = await setUp(new Driver(), { wish: parseWords(words, '/home/kim') })
    expect(window.options.url).toBe(url)
  })

  it('tells the page which project was named last', async () => {
    const { desktop, window } = await setUp(new Driver(), { wish: parseWords(['shop'], '/home/kim') })
    expect(await window.request('host', {})).toMatchObject({ result: { open: '/home/kim/shop' } })
    desktop.wish(parseWords(['/srv/other'], '/'))
    expect(window.loads).toEqual(['app://amphitheatre/index.html#/projects'])
    expect(await window.request('host', {})).toMatchObject({ result: { open: '/srv/other' } })
  })

  it('gives each page a session of its own', async () => {
    const { window, desktop } = await setUp(new Driver())
    expect(await window.request('follow', FOLLOW)).toMatchObject({ ok: true })
    expect(await window.request('follow', FOLLOW)).toMatchObject({ ok: false })
    desktop.wish({ place: { view: 'queue' }, project: undefined })
    expect(window.posted).toContainEqual({ name: 'goto', message: { view: 'queue' } })
    window.options.events.onNewPage()
    expect(await window.request('follow', FOLLOW)).toMatchObject({ ok: true })
  })

  it('loads its page again after a crash, where it was, and asks when it keeps crashing', async () => {
    const { window, parts } = await setUp(new Driver())
    window.address = 'app://amphitheatre/index.html#/graph/r1'
    for (let n = 1; n <= 3; n++) {
      window.options.events.onCrash('crashed')
      expect(window.loads).toHaveLength(n)
    }
    expect(window.loads[0]).toBe('app://amphitheatre/index.html#/graph/r1')
    window.options.events.onCrash('oom')
    expect(window.loads).toHaveLength(3)
    expect(parts.questions[0]!.detail).toContain('oom')
    parts.questions[0]!.answer(0)
    await settle()
    expect(window.loads).toHaveLength(4)
  })

  it('asks about a page that hangs, and not any more once it answers', async () => {
    const { window, parts } = await setUp(new Driver())
    window.options.events.onUnresponsive()
    window.options.events.onUnresponsive()
    expect(parts.questions).toHaveLength(1)
    window.options.events.onResponsive()
    expect(parts.questions).toHaveLength(0)
    await settle()
    expect(window.loads).toHaveLength(0)
    window.options.events.onUnresponsive()
    parts.questions[0]!.answer(1)
    await settle()
    expect(window.loads).toHaveLength(1)
  })
})

describe('quitting', () => {
  it('stops agents when asked to, and shows it meanwhile', async () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    const { desktop, parts, window, isClosed } = await setUp(driver)
    const quitting = desktop.quit()
    parts.questions[0]!.answer(0)
    await settle()
    expect(driver.run().stop).toEqual({ force: false })
    expect(window).toMatchObject({ busy: true, title: 'Amphitheatre · Stopping 1 agent …' })
    expect(parts.tray.tooltip).toBe('Amphitheatre: Stopping 1 agent …')
    expect(isClosed()).toBe(false)
    driver.must(exited(at(driver, 'a'), 143))
    await settle()
    await quitting
    expect(isClosed()).toBe(true)
    expect(parts).toMatchObject({ exited: true, tray: { closed: true } })
    expect(window.closed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves them when asked to', async () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    const { desktop, parts } = await setUp(driver)
    const quitting = desktop.quit()
    parts.questions[0]!.answer(1)
    await quitting
    expect(driver.run().stop).toBeNull()
    expect(parts.exited).toBe(true)
  })

  it('asks nothing when the agents are another program’s', async () => {
    const driver = Driver.running(tasks(['a']))
    start(driver, 'a')
    const { desktop, parts } = await setUp(driver, { hosting: false })
    await desktop.quit()
    expect(parts.questions).toHaveLength(0)
    expect(parts.exited).toBe(true)
    expect(driver.run().stop).toBeNull()
  })
})

describe('the menu', () => {
  it('goes to every view by keys of its own', async () => {
    const { parts, window } = await setUp(new Driver())
    await window.request('follow', FOLLOW)
    const graph = entry(parts.menu, 'Graph')
    expect(graph.keys).toBe('CmdOrCtrl+2')
    graph.run()
    expect(window.posted).toContainEqual({ name: 'goto', message: { view: 'graph' } })
    entry(parts.menu, 'Quit Amphitheatre').run()
    await settle()
    expect(parts.exited).toBe(true)
  })

  it('has the program’s own menu first on macOS', async () => {
    const { parts } = await setUp(new Driver(), { parts: fakeParts({ platform: 'darwin' }) })
    expect(parts.menu[0]).toMatchObject({ kind: 'menu', label: 'Amphitheatre' })
  })
})
