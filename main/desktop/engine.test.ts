import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type EngineLink, keepEngine } from '../api/pages/engineLink.ts'
import { openHost } from '../headless.ts'
import { EngineHost } from './engine.ts'

/** A real engine on a real thread. */
let dataDir: string
let engine: EngineHost
let link: EngineLink | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'amphitheatre-thread-'))
  const program = new URL('./testing/mortalThread.ts', import.meta.url)
  engine = new EngineHost({ dataDir, program, log: () => undefined })
})

afterEach(async () => {
  await link?.close()
  await engine.close()
  link = undefined
  rmSync(dataDir, { recursive: true, force: true })
})

const connected = (): Promise<void> =>
  vi.waitFor(() => expect(link?.status.status).toBe('connected'), { timeout: 20_000 })

it('hosts the data folder on a thread, and gives it back', async () => {
  link = await keepEngine(() => engine.open())
  await connected()
  expect(engine.hosting).toBe(true)
  expect(await openHost({ dataDir })).toMatchObject({ ok: false, reason: 'busy' })
  await link.close()
  await engine.close()
  expect(engine.hosting).toBe(false)
  const next = await openHost({ dataDir })
  if (!next.ok) throw new Error('the folder was not given back')
  await next.host.close()
})

it('starts the thread again when it dies', async () => {
  link = await keepEngine(() => engine.open())
  await connected()
  const seen: string[] = []
  link.onChange(({ status }) => seen.push(status))
  writeFileSync(join(dataDir, 'die'), '')
  await vi.waitFor(() => expect(seen).toContain('lost'), { timeout: 20_000 })
  rmSync(join(dataDir, 'die'))
  await connected()
  const { status } = link
  if (status.status === 'lost') throw new Error(status.reason)
  expect((await status.center.health()).engine).toEqual({ status: 'running' })
})

it('says why there is none, and keeps what is there', async () => {
  writeFileSync(join(dataDir, 'amphitheatre.db'), 'not a database at all, but long enough to look like one')
  link = await keepEngine(() => engine.open())
  await vi.waitFor(
    () =>
      expect(link?.status).toMatchObject({ status: 'lost', reason: expect.not.stringMatching(/starting/) }),
    { timeout: 20_000 },
  )
  expect(link.status).toMatchObject({ remedy: expect.stringMatching(/\w/) })
  expect(engine.hosting).toBe(false)
})
