import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { afterAll, expect, vi } from 'vitest'
import {
  type ContractParts,
  type OpenPage,
  pagesContract,
} from '../../main/api/pages/testing/pagesContract.ts'
import { PageHost } from '../../main/desktop/pageHost.ts'
import { wordsFor } from '../../main/desktop/words.ts'
import type { MessageName } from '../../preload/contract.ts'
import { type ElectronCarrier, electronBridge } from '../../renderer/src/bridge/electronBridge.ts'
import { protocol } from './fake/app.ts'
import { closeBrowser, unpack } from './fake/page.ts'
import { unknownCalls } from './fake/record.ts'
import { windows } from './fake/window.ts'

vi.mock('electron', () => import('./fake/electron.ts'))
const { openElectronWindow } = await import('../../main/desktop/electronWindow.ts')

/** The built preload and the window's channels, carried by the stand-in; the page in it is empty. */
const BUNDLES = join(import.meta.dirname, '../../out')
if (!existsSync(join(BUNDLES, 'preload/index.cjs'))) {
  throw new Error('There is no out/preload/index.cjs: run `npm run build` first.')
}
protocol.handle(
  'app',
  async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
)

pagesContract('electron', open)

afterAll(async () => {
  await closeBrowser()
  expect(unknownCalls).toEqual([])
})

async function open(parts: ContractParts): Promise<OpenPage> {
  const host = new PageHost({
    desktop: {
      openWindow: (options) => openElectronWindow(BUNDLES, options),
      screens: () => [],
      ask: async ({ cancel }) => cancel,
    },
    words: wordsFor('en'),
    settings: { settings: { toldOfTray: false }, update: () => undefined },
    session: parts,
    onClose: () => false,
    onQuit: () => undefined,
  })
  host.show()
  const window = windows.at(-1)!
  await vi.waitFor(() => expect(window.visible).toBe(true), { timeout: 20_000 })
  return { bridge: electronBridge(await carrierOf(window.contents.page)), close: async () => host.close() }
}

type Heard = (message: never) => void

/** The carrier that the preload put into the page, from here. */
async function carrierOf(page: Page): Promise<ElectronCarrier> {
  const listeners = new Map<string, Set<Heard>>()
  await page.exposeBinding('__heard', (_, name: string, message: unknown) => {
    for (const listener of listeners.get(name) ?? []) listener(unpack(message) as never)
  })
  await page.evaluate(LISTEN)
  return {
    request: async (name, args) => {
      const reply = await page.evaluate(REQUEST, { name, args })
      // What the page heard before its answer is told by then.
      await page.evaluate('window.__told()')
      return unpack(reply)
    },
    on(name: MessageName, listener: Heard) {
      const known = listeners.get(name) ?? new Set()
      listeners.set(name, known.add(listener))
      return () => known.delete(listener)
    },
  }
}

interface CarrierWindow {
  readonly amphitheatre: ElectronCarrier
}

const REQUEST = ({ name, args }: { name: string; args: unknown }): Promise<unknown> =>
  (globalThis as unknown as CarrierWindow).amphitheatre.request(name as never, args as never)

/** Bytes travel as text. */
const LISTEN = `
  let told = Promise.resolve()
  window.__told = () => told
  const tell = (name, message) => {
    const one = window.__heard(name, message)
    told = told.then(() => one)
  }
  for (const name of ['events', 'output', 'ended', 'connection', 'progress', 'goto']) {
    window.amphitheatre.on(name, (message) => {
      if (!(message.data instanceof Uint8Array)) return tell(name, message)
      let text = ''
      for (const byte of message.data) text += String.fromCharCode(byte)
      tell(name, { ...message, data: { $bytes: btoa(text) } })
    })
  }`
