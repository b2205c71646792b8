import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { serveLocal } from '../../main/api/localServer.ts'
import { openHost } from '../../main/headless.ts'
import { type StandIn, startStandIn } from './standIn.ts'

/** Another process hosts the engine, goes away, and the program takes over under the open page. */
const dataDir = mkdtempSync(join(tmpdir(), 'amphitheatre-takeover-'))
let program: StandIn | undefined

afterEach(async () => {
  await program?.kill()
  rmSync(dataDir, { recursive: true, force: true })
})

const HEALTH = `window.amphitheatre.request('health', {})`
const isOf = (pid: number) => (reply: unknown) => {
  const { ok, result } = reply as { ok: boolean; result?: { pid: number } }
  return ok && result?.pid === pid
}

it('looks at another process’s engine, and takes over when it goes', async () => {
  const opened = await openHost({ dataDir })
  if (!opened.ok) throw new Error('the folder is new')
  const server = await serveLocal(opened.host.center, dataDir)

  program = startStandIn({ dataDir })
  await program.until('evaluate', [HEALTH], isOf(process.pid))
  await program.call('evaluate', 'window.samePage = true')
  await server.close()
  await opened.host.close()
  await program.until('evaluate', [HEALTH], isOf(program.pid))
  expect(await program.call('evaluate', 'window.samePage')).toBe(true)

  // Its own engine now: whoever comes next is told so.
  expect((await openHost({ dataDir })).ok).toBe(false)
  expect(await program.call('unknownCalls')).toEqual([])
  await program.call('shutdown').catch(() => undefined)
  expect(await program.ended, program.output()).toBe(0)
  const next = await openHost({ dataDir })
  expect(next.ok).toBe(true)
  if (next.ok) await next.host.close()
})
