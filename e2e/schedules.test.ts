import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { DomainEvent } from '../main/domain/events.ts'
import { openSqliteStore } from '../main/store/sqliteStore.ts'
import { Random } from '../simulator/random.ts'
import { processLeftovers } from './support/processes.ts'
import { type Playground, playground } from './support/repository.ts'

const SEED = Number(process.env.AMPHITHEATRE_SEED ?? Math.floor(Math.random() * 1e9))
const MINUTE_MS = 60_000

let place: Playground | undefined
let host: ChildProcess | undefined
afterEach(() => {
  host?.kill('SIGKILL')
  place?.remove()
  place = undefined
})

const FILE = `version: 1
name: e2e
extends: amphitheatre-devops
runner: process
schedules:
  tick:
    cron: "* * * * *"
    missed: run
    task: {agent: BackupKeeper, workspace: none, run: echo began}
`

/** A host that is killed while something comes to be due, again and again, from before the minute to well after it. */
async function killAround(due: number, random: Random, at: Playground): Promise<number> {
  let kills = 0
  // The first life knows the schedule well before it is due.
  let life = Math.max(0, due - Date.now() - 300)
  while (Date.now() < due + 6_000) {
    host = start(at)
    const gone = once(host, 'exit')
    await Promise.race([delay(life), gone])
    expect(host.exitCode, `the host failed (seed ${SEED})`).toBeNull()
    host.kill('SIGKILL')
    await gone
    kills++
    // A host takes about a second to load; lives grow, so that one of them gets through on a slow machine.
    life = random.int(300, 1_200) + kills * 150
  }
  return kills
}

function start({ data, root }: Playground): ChildProcess {
  const args = [join(import.meta.dirname, 'support/scheduleHost.ts'), data, root]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function eventsOf(at: Playground): Promise<readonly DomainEvent[]> {
  const store = await openSqliteStore({ file: join(at.data, 'amphitheatre.db') })
  const events = await store.read({ after: 0 })
  await store.close()
  return events.map(({ data }) => data)
}

test(`killed between due and begun, a schedule begins exactly once (seed ${SEED})`, async () => {
  place = playground({ 'amphitheatre.yaml': FILE })
  const now = Date.now()
  // Long enough to come for the first host to have read the file.
  const due = (Math.floor(now / MINUTE_MS) + (now % MINUTE_MS > 50_000 ? 2 : 1)) * MINUTE_MS
  const kills = await killAround(due, new Random(SEED), place)
  host = start(place)
  await said(host, `settled ${due}\n`)
  host.kill('SIGTERM')
  await once(host, 'exit')
  const events = await eventsOf(place)
  const fired = events.filter((event) => event.type === 'schedule.fired')
  expect(
    fired.filter((event) => event.due === due),
    `${kills} kills`,
  ).toHaveLength(1)
  // Each due time at most once, and a run for each.
  expect(new Set(fired.map((event) => event.due)).size).toBe(fired.length)
  expect(events.filter(({ type }) => type === 'run.started')).toHaveLength(fired.length)
  // The one that was waited for did its work; it was begun once, whoever found it running later.
  const begun = events.filter((event) => event.type === 'agent.started' && !event.adopted)
  expect(begun.length).toBeLessThanOrEqual(fired.length)
  expect(events.filter(({ type }) => type === 'task.completed').length).toBeGreaterThanOrEqual(1)
  expect(processLeftovers(place.data)).toEqual([])
}, 240_000)

async function said(child: ChildProcess, words: string): Promise<void> {
  let all = ''
  for await (const chunk of child.stdout!) {
    all += String(chunk)
    if (all.includes(words)) return
  }
  throw new Error(`the host ended and had said ${JSON.stringify(all)} (seed ${SEED})`)
}
