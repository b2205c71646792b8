import { afterEach, describe, expect, test } from 'vitest'
import {
  type AmphitheatreBridge,
  type HostInfo,
  type MessageName,
  type Messages,
  STREAM_WINDOW,
} from '../../../../preload/contract.ts'
import { type AttemptId, projectId, type RunId } from '../../../domain/ids.ts'
import { StoreError } from '../../../engine/ports/store.ts'
import { type FakeCenter, type FakeOptions, fakeCenter, manyEvents } from '../../testing/fakeCenter.ts'
import type { PageParts } from '../pageSession.ts'
import { eventually, settled } from './eventually.ts'
import { type FakeDesk, fakeDesk } from './fakeDesk.ts'
import { FakeLink } from './fakeLink.ts'

/** What a carrier connects the page to. */
export type ContractParts = Pick<PageParts, 'link' | 'desk' | 'host'>

export interface OpenPage {
  readonly bridge: AmphitheatreBridge
  /** The page goes away; resolves when the host has noticed. */
  close(): Promise<void>
}

const HOST: HostInfo = {
  host: 'browser',
  version: '1.2.3',
  platform: 'linux',
  dataDir: '/data',
  home: '/home/ann',
  person: 'ann',
  open: '/home/ann/bookshelf',
}
const run = 'r1' as RunId
const attempt = 'r1/a#1' as AttemptId
const project = projectId('p')

/**
 * What pages may rely on, whatever carries the messages: `open` makes a page on a `PageSession` with these parts and
 * gives the bridge the page has.
 */
export function pagesContract(name: string, open: (parts: ContractParts) => Promise<OpenPage>): void {
  const pages: OpenPage[] = []

  interface Page {
    readonly bridge: AmphitheatreBridge
    readonly center: FakeCenter
    readonly link: FakeLink
    readonly desk: FakeDesk
    close(): Promise<void>
  }

  async function page(options: FakeOptions = {}): Promise<Page> {
    const center = fakeCenter(options)
    const link = new FakeLink(center)
    const desk = fakeDesk()
    const opened = await open({ link, desk, host: HOST })
    pages.push(opened)
    const { bridge } = opened
    const close = (): Promise<void> => {
      pages.splice(pages.indexOf(opened), 1)
      return opened.close()
    }
    return { bridge, center, link, desk, close }
  }

  afterEach(async () => {
    for (const opened of pages.splice(0)) await opened.close()
  })

  describe(`${name}: requests`, () => {
    test('every request of the engine comes through and back', async () => {
      const { bridge, center } = await page()
      expect(await bridge.request('host', {})).toEqual(HOST)
      expect(await bridge.request('snapshot', {})).toEqual(await center.snapshot())
      expect(await bridge.request('history', { after: 3, limit: 9, run })).toHaveLength(2)
      expect(await bridge.request('runs', { limit: 5 })).toMatchObject([{ number: 5 }])
      expect(await bridge.request('tasks', { run })).toMatchObject([{ run, task: 'a' }])
      expect(await bridge.request('usage', {})).toEqual(await center.usage())
      expect(await bridge.request('health', {})).toEqual(await center.health())
      expect(await bridge.request('vitals', {})).toEqual(await center.vitals())
      const series = { project, measure: 'agent_error_frequency', role: null, from: 5 }
      expect(await bridge.request('series', series)).toEqual(await center.series(series))
      expect(await bridge.request('diff', { project, run })).toBe('diff of p/r1\n')
      expect(await bridge.request('patch', { project, hash: 'ab' })).toBe('patch of p/ab\n')
      expect(await bridge.request('patch', { project, hash: 'gone' })).toBeNull()
      expect(await bridge.request('input', { attempt, data: 'ls \u0003é🎭' })).toBeNull()
      expect(center.typed).toEqual([{ attempt, data: 'ls \u0003é🎭' }])
      expect(await bridge.request('resize', { attempt, columns: 80, rows: 24 })).toBeNull()
      expect(center.sizes).toEqual([[attempt, 80, 24]])
    })

    test('a command is the person’s; a rejection is an outcome', async () => {
      const rejected = { ok: false, rejected: 'not-now', reason: 'run r1 is over' } as const
      const { bridge, center } = await page({ outcome: rejected })
      const command = { type: 'run.stop', run, force: true } as const
      expect(await bridge.request('dispatch', { command })).toEqual(rejected)
      expect(center.dispatched).toEqual([{ command, actor: 'person:ann' }])
    })

    test('every request of the machine comes through and back', async () => {
      const { bridge, desk } = await page()
      expect(await bridge.request('checks', {})).toMatchObject([{ id: 'git' }])
      expect(await bridge.request('browse', { path: null })).toMatchObject({ path: '/home/ann' })
      expect(await bridge.request('project', { path: '/p' })).toMatchObject({ root: '/p' })
      expect(await bridge.request('init', { path: '/p' })).toMatchObject({ root: '/p' })
      expect(await bridge.request('start', { root: '/p', epic: 'ship' })).toEqual({ ok: true, run })
      const spawn = { root: '/p', role: 'R', command: 'true' }
      expect(await bridge.request('spawn', spawn)).toEqual({ ok: false, problems: ['no'] })
      expect(desk.asked).toEqual([
        ['browse', null],
        ['project', '/p'],
        ['init', '/p'],
        ['start', { root: '/p', epic: 'ship' }],
        ['spawn', spawn],
      ])
    })

    test('what takes long tells its steps before its answer', async () => {
      const { bridge } = await page()
      const heard = listen(bridge, 'progress')
      expect(await bridge.request('mend', { check: 'image' })).toMatchObject({ id: 'image' })
      expect(heard).toEqual([
        { of: 'image', line: 'step 1' },
        { of: 'image', line: 'step 2' },
      ])
    })

    test('a failure keeps its kind and its remedy', async () => {
      const { bridge } = await page({ fails: new StoreError('unavailable', 'disk full', 'Free space.') })
      const command = { type: 'run.pause', run } as const
      await expect(bridge.request('dispatch', { command })).rejects.toMatchObject({
        name: 'StoreError',
        message: 'disk full',
        kind: 'unavailable',
        remedy: 'Free space.',
      })
      await expect(bridge.request('browse', { path: '/secret' })).rejects.toMatchObject({
        name: 'DeskError',
        remedy: 'Choose another folder.',
      })
    })

    test.each<[string, string, unknown]>([
      ['a request there is none of', 'toString', {}],
      ['arguments of the wrong type', 'follow', { stream: 1, from: 'yesterday' }],
      ['unknown arguments', 'health', { x: 1 }],
      ['a report for a command', 'dispatch', { command: { type: 'schedule' } }],
      ['nothing at all', 'tasks', null],
    ])('%s is refused and the page goes on', async (_, request, args) => {
      const { bridge, center } = await page()
      await expect(bridge.request(request as never, args as never)).rejects.toThrow()
      expect(center.dispatched).toEqual([])
      expect(await bridge.request('snapshot', {})).toMatchObject({ seq: 7 })
    })
  })

  describe(`${name}: streams`, () => {
    test('events come in order, from where they were asked for', async () => {
      const { bridge, center } = await page({ events: manyEvents(3_000) })
      const heard = listen(bridge, 'events')
      await bridge.request('follow', { stream: 1, from: 10 })
      await eventually(() => expect(seqs(heard)).toHaveLength(2_990))
      expect(seqs(heard)).toEqual(Array.from({ length: 2_990 }, (_, i) => i + 11))
      expect(heard.every(({ stream }) => stream === 1)).toBe(true)
      await bridge.request('close', { stream: 1 })
      await eventually(() => expect(center.open()).toBe(0))
    })

    test('a page that does not acknowledge gets one window of events and no more', async () => {
      const { bridge } = await page({ events: manyEvents(10_000) })
      const heard = listen(bridge, 'events')
      await bridge.request('follow', { stream: 1, from: 0 })
      await eventually(() => expect(seqs(heard)).toHaveLength(STREAM_WINDOW.events))
      // Everything else goes on meanwhile.
      expect(await bridge.request('snapshot', {})).toMatchObject({ seq: 7 })
      expect(seqs(heard)).toHaveLength(STREAM_WINDOW.events)
      await bridge.request('ack', { stream: 1, weight: 100 })
      await eventually(() => expect(seqs(heard)).toHaveLength(STREAM_WINDOW.events + 100))
      await bridge.request('ack', { stream: 1, weight: 1_000_000 })
      await eventually(() => expect(seqs(heard).at(-1)).toBeGreaterThan(STREAM_WINDOW.events + 1_000))
    })

    test('output comes byte for byte', async () => {
      const output = ['\u001b[31mred\n', '\0ÿ🎭', 'x'.repeat(700_000)]
      const { bridge } = await page({ output })
      const heard = listen(bridge, 'output')
      const ended = listen(bridge, 'ended')
      await bridge.request('output', { stream: 7, attempt, from: 0, follow: false })
      await eventually(() => expect(ended).toEqual([{ stream: 7, error: null }]))
      expect(heard.every(({ data }) => data instanceof Uint8Array)).toBe(true)
      expect(Buffer.concat(heard.map(({ data }) => data)).equals(Buffer.from(output.join('')))).toBe(true)
      let offset = 0
      for (const { stream, offset: at, data } of heard) {
        expect([stream, at]).toEqual([7, offset])
        offset += data.length
      }
    })

    test('a viewer that does not acknowledge gets one window of output and no more', async () => {
      const { bridge } = await page({ output: Array.from({ length: 40 }, () => 'y'.repeat(100_000)) })
      const heard = listen(bridge, 'output')
      const bytes = (): number => heard.reduce((sum, { data }) => sum + data.length, 0)
      await bridge.request('output', { stream: 1, attempt, from: 0, follow: false })
      await eventually(() => expect(bytes()).toBeGreaterThan(STREAM_WINDOW.output / 2))
      await settled(bytes)
      await bridge.request('snapshot', {})
      expect(bytes()).toBeLessThanOrEqual(STREAM_WINDOW.output)
      const ended = listen(bridge, 'ended')
      while (ended.length === 0) {
        await bridge.request('ack', { stream: 1, weight: 500_000 })
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(bytes()).toBe(4_000_000)
    })

    test('a stream’s number is taken until it is closed', async () => {
      const { bridge } = await page({ events: manyEvents(3) })
      const ended = listen(bridge, 'ended')
      await bridge.request('follow', { stream: 1, from: 0 })
      await expect(bridge.request('follow', { stream: 1, from: 0 })).rejects.toThrow(/open already/)
      await bridge.request('close', { stream: 1 })
      await bridge.request('follow', { stream: 1, from: 0 })
      await bridge.request('close', { stream: 1 })
      await bridge.request('close', { stream: 99 })
      await bridge.request('ack', { stream: 99, weight: 1 })
      // Closing it oneself sends no `ended`.
      expect(ended).toEqual([])
    })

    test('whoever stops listening hears no more', async () => {
      const { bridge } = await page({ events: manyEvents(5) })
      const heard: unknown[] = []
      bridge.on('events', (message) => heard.push(message))()
      const others = listen(bridge, 'events')
      await bridge.request('follow', { stream: 1, from: 0 })
      await eventually(() => expect(seqs(others)).toHaveLength(5))
      expect(heard).toEqual([])
    })

    test('a page that goes away leaves nothing open', async () => {
      const { bridge, center, link, close } = await page({ events: manyEvents(5) })
      await bridge.request('follow', { stream: 1, from: 0 })
      await bridge.request('output', { stream: 2, attempt, from: 0, follow: true })
      await eventually(() => expect(center.open()).toBe(2))
      await close()
      await eventually(() => expect(center.open()).toBe(0))
      expect(link.listeners).toBe(0)
    })
  })

  describe(`${name}: the engine comes and goes`, () => {
    test('the page is told where its engine is', async () => {
      const { bridge } = await page()
      const heard = listen(bridge, 'connection')
      await bridge.request('host', {})
      await eventually(() => expect(heard.at(-1)).toEqual({ status: 'connected', enginePid: 4711 }))
    })

    test('a lost engine ends the streams, and another takes them up', async () => {
      const { bridge, link, center } = await page({ events: manyEvents(5) })
      const connection = listen(bridge, 'connection')
      const ended = listen(bridge, 'ended')
      const events = listen(bridge, 'events')
      await bridge.request('follow', { stream: 1, from: 0 })
      await eventually(() => expect(seqs(events)).toHaveLength(5))
      link.lose('The engine has stopped.', 'It is being started again.')
      const lost = { status: 'lost', reason: 'The engine has stopped.', remedy: 'It is being started again.' }
      await eventually(() => expect(connection.at(-1)).toEqual(lost))
      expect(ended).toMatchObject([{ stream: 1, error: { kind: 'lost' } }])
      await eventually(() => expect(center.open()).toBe(0))
      await expect(bridge.request('snapshot', {})).rejects.toMatchObject({
        kind: 'lost',
        message: lost.reason,
        remedy: lost.remedy,
      })
      // What needs no engine is answered all the same.
      expect(await bridge.request('host', {})).toEqual(HOST)
      link.connect(fakeCenter({ events: manyEvents(8) }), 4712)
      await eventually(() => expect(connection.at(-1)).toEqual({ status: 'connected', enginePid: 4712 }))
      await bridge.request('follow', { stream: 1, from: 5 })
      await eventually(() => expect(seqs(events)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]))
    })
  })
}

/** What comes from now on. */
export function listen<K extends MessageName>(bridge: AmphitheatreBridge, name: K): Messages[K][] {
  const heard: Messages[K][] = []
  bridge.on(name, (message) => heard.push(message))
  return heard
}

function seqs(heard: readonly Messages['events'][]): readonly number[] {
  return heard.flatMap(({ events }) => events.map(({ seq }) => seq))
}
