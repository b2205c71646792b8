import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import type { EventEnvelope } from '../main/domain/events.ts'
import { runId } from '../main/domain/ids.ts'
import { openPassive } from '../main/headless.ts'
import { Random } from '../simulator/random.ts'
import { amphi, jsonLines } from './support/amphi.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { commitAll, git, type Playground } from './support/repository.ts'
import { bookshelf } from './support/sample.ts'
import { expectHandledOnce, ofType, type TalkLog, talkLog } from './support/talkLog.ts'

/**
 * Four agents in containers that share nothing but their doors vote, pass an artifact, hand over, ask what is unclear,
 * get help and tell each other what they did: undisturbed, and while the engine and agents are killed.
 */
const SEED = Number(process.env.AMPHITHEATRE_SEED ?? Math.floor(Math.random() * 1e9))
const KILLS = Number(process.env.AMPHITHEATRE_TALK_KILLS ?? 8)
const docker = new Docker()

let place: Playground | undefined
let host: ChildProcess | undefined
afterEach(async () => {
  host?.kill('SIGKILL')
  host = undefined
  if (place === undefined) return
  await removeLeftovers(place.data)
  place.remove()
  place = undefined
})

async function eventsOf(data: string, run: string): Promise<readonly EventEnvelope[]> {
  const center = await openPassive({ dataDir: data })
  return center.history({ after: 0, limit: 100_000, run: runId(run) })
}

/** What the four were to say to each other was said once, whatever number of attempts it took. */
function expectConversation(log: TalkLog): void {
  expectHandledOnce(log)
  const { events, sent, plan } = log
  const nameOf = (task: number): string => plan.tasks[task]!.id
  expect(ofType(events, 'ballot.opened')).toHaveLength(1)
  expect(ofType(events, 'ballot.closed')).toMatchObject([{ result: 'a table of their own' }])
  const handoffs = ofType(events, 'handoff.initiated')
  expect(handoffs.map(({ task, to }) => [nameOf(task), nameOf(to)])).toEqual([
    ['design-lists', 'build-lists'],
  ])
  for (const type of [
    'handoff.validated',
    'handoff.transferred',
    'handoff.clarifying',
    'handoff.clarified',
    'handoff.acknowledged',
    'handoff.completed',
  ] as const)
    expect(ofType(events, type), type).toHaveLength(1)
  const kinds = sent.map(({ from, draft }) =>
    from.kind === 'task' ? `${nameOf(from.task)} ${draft.kind}` : '',
  )
  expect(kinds.filter((kind) => kind === 'build-lists request_help')).toHaveLength(1)
  expect(kinds.filter((kind) => kind === 'build-lists task_complete')).toHaveLength(1)
  const answers = sent.filter(
    ({ draft }) => draft.type === 'RESPONSE' && draft.content.startsWith('Create it'),
  )
  expect(answers.map(({ from }) => (from.kind === 'task' ? nameOf(from.task) : from.kind))).toEqual([
    'check-lists',
  ])
  expect(new Set(ofType(events, 'agent.published').map(({ artifact }) => artifact.path))).toEqual(
    new Set(['plans/reading-lists.json']),
  )
  expect(ofType(events, 'component.recorded').length).toBeGreaterThanOrEqual(2)
  expect(ofType(events, 'risk.recorded')).toMatchObject([{ id: 'orphaned-lists', level: 'low' }])
}

test('the four agree, hand over, help and note it down', async () => {
  place = bookshelf()
  const { root, data } = place
  const ran = await amphi(['run', 'plan-lists', '--project', root, '--data', data, '--json'])
  expect(ran.code, ran.stdout.slice(-3_000) + ran.stderr).toBe(0)
  const summary = jsonLines(ran.stdout).at(-1)!
  expect(summary).toMatchObject({ status: 'completed', tasks: { total: 4, completed: 4 } })
  expectConversation(talkLog(await eventsOf(data, String(summary.run))))
  expect(await leftovers(data)).toEqual([])
  const applied = await amphi(['apply', 'latest', '--data', data], { cwd: root })
  expect(applied.code, applied.stderr).toBe(0)
  const sql = git(root, 'show', 'HEAD:plans/reading-lists.sql')
  expect(sql).toContain('-- Dates are ISO 8601, in UTC.')
  expect(sql).toContain('CREATE TABLE reading_lists')
  expect(git(root, 'show', 'HEAD:plans/NOTES.md')).toContain('Built by BuildMaster/build-lists')
}, 300_000)

test(`the same while engine and agents are killed ${KILLS} times (seed ${SEED})`, async () => {
  const random = new Random(SEED)
  place = bookshelf()
  const { root, data } = place
  const file = join(root, 'amphitheatre.yaml')
  // Every kill of an agent costs an attempt.
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('retry: 3', `retry: ${KILLS + 3}`))
  commitAll(root, 'more patience')
  let killed = 0
  let exited: Promise<unknown> | undefined
  for (let kills = 0; ; kills++) {
    if (host === undefined) {
      host = startHost(data, root)
      exited = once(host, 'exit')
    }
    const ended = await Promise.race([exited, wait(kills < KILLS ? random.int(50, 700) : 200_000)])
    if (ended !== undefined) {
      expect(host.exitCode, `the host failed (seed ${SEED})`).toBe(0)
      host = undefined
      break
    }
    expect(kills, `no end in sight (seed ${SEED})`).toBeLessThan(KILLS)
    killed++
    if (random.next() < 0.5) {
      host.kill('SIGKILL')
      await exited
      host = undefined
    } else await killAgent(random)
  }
  expect(killed, `kills (seed ${SEED})`).toBeGreaterThan(KILLS / 2)
  const events = await eventsOf(data, 'talk')
  expect(ofType(events, 'run.settled').at(-1), `seed ${SEED}`).toMatchObject({ status: 'completed' })
  expectConversation(talkLog(events))
  expect(await leftovers(data)).toEqual([])
}, 400_000)

function startHost(data: string, root: string): ChildProcess {
  const args = [join(import.meta.dirname, 'support/host.ts'), data, root, 'talk', 'docker', 'plan-lists']
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** One of the run's agents dies as if its machine had: nobody asked for it. */
async function killAgent(random: Random): Promise<void> {
  const filters = { label: ['amphitheatre.run=talk'], status: ['running'] }
  const running = await docker.listContainers({ filters })
  const one = running[random.int(0, Math.max(0, running.length - 1))]
  if (one === undefined) return
  await docker
    .getContainer(one.Id)
    .kill({ signal: 'SIGKILL' })
    .catch(() => undefined)
}

function wait(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms)
  })
}
