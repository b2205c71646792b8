import type { Command } from '../commands.ts'
import type { EventEnvelope } from '../events.ts'
import { evolve } from '../evolve.ts'
import type { RunId } from '../ids.ts'
import { isActive } from '../incidents/incident.ts'
import type { Plan } from '../plan.ts'
import { EMPTY_STATE, type Run } from '../state.ts'
import { Driver, RUN } from './driver.ts'
import { configure, decide, incident, incidents } from './incidents.ts'
import { tasks } from './plan.ts'
import { at, exited, lost, started } from './steps.ts'
import { LATER, pointContent, project, release, targetSpec } from './targets.ts'

/** What a task outside comes to: its outputs, and its exit code. */
export type World = (epic: string, task: string) => { readonly code?: number; readonly outputs?: Outputs }
type Outputs = Readonly<Record<string, string>>

/** v1 is well; v2 comes with a bad migration; checks see it; going back helps. */
export const badMigration: World = (epic, task) => {
  const answers: Readonly<Record<string, ReturnType<World>>> = {
    'test/v1': { outputs: { release: JSON.stringify(release('v1')), verified: 'true', state: 'healthy' } },
    'test/v2': {
      code: 1,
      outputs: {
        point: JSON.stringify(pointContent(`${RUN}/v2#1`)),
        release: JSON.stringify(release('v2', LATER)),
        verified: 'false',
        state: 'unhealthy',
        reason: '43 % answer 500',
      },
    },
    'incident/deploys': { outputs: { finding: 'v2 went out', cause: 'recent_deploy', confidence: '0.6' } },
    'incident/queries': { outputs: { finding: 'inserts fail', cause: 'bad_migration', confidence: '0.94' } },
    'rollback/save': { outputs: { point: JSON.stringify(pointContent('saved', { why: 'rollback' })) } },
    'rollback/verify': { outputs: { verified: 'true', finding: 'v1 answers', state: 'healthy' } },
  }
  return answers[`${epic}/${task}`] ?? {}
}

export const deployment = (): Plan => {
  const deploy = (version: string) => ({
    target: 'shop',
    action: { do: 'deploy' as const, version, image: version, build: null } as never,
    onLost: 'retry' as const,
  })
  const options = { with: { v1: deploy('v1'), v2: deploy('v2') } }
  return { ...tasks(['v1', 'v2: v1'], options), targets: [targetSpec()] }
}

/** A project whose deployment begins. */
export function deploying(): Driver {
  const driver = new Driver()
  configure(driver)
  driver.start(deployment())
  return driver
}

/** One thing that happens outside, or that a person does; false when there is nothing any more. */
export function step(driver: Driver, world: World): boolean {
  for (const run of driver.state.runs.values()) {
    const task = run.plan.tasks.find((_, i) => run.tasks.get(i)!.current !== null)?.id
    if (task === undefined) continue
    const place = at(driver, task, run.id)
    if (driver.attempt(task, run.id).startedAt === null) driver.must(started(place))
    else {
      const { code = 0, outputs = {} } = world(run.plan.epic, task)
      driver.must(exited(place, code, { outputs }))
    }
    return true
  }
  return decided(driver)
}

/** Who is called goes back where nobody has yet: to the last good point, else to the newest. */
function decided(driver: Driver): boolean {
  const waiting = incidents(driver).find(
    (one) => isActive(one) && one.remedy === null && one.choices.length > 0,
  )
  if (waiting === undefined) return false
  const back = decide('rollback', waiting.id)
  if (driver.send(back) === undefined) return true
  driver.must({ ...back, point: project(driver).points.at(-1)!.id } as Command)
  return true
}

/** To where nothing moves without a person any more. */
export function play(driver: Driver, world: World, most = 200): void {
  for (let i = 0; i < most; i++) if (!step(driver, world)) return
  throw new Error('it goes on for ever')
}

/** Another engine, from what of the log was on disk; agents of the one before went on, or nothing is known of them. */
export function recovered(log: readonly EventEnvelope[], agents: 'found' | 'lost'): Driver {
  const driver = new Driver()
  driver.state = (JSON.parse(JSON.stringify(log)) as EventEnvelope[]).reduce(evolve, EMPTY_STATE)
  driver.log.splice(0, driver.log.length, ...log)
  driver.now = driver.state.time
  driver.restart()
  if (agents === 'lost') for (const run of driver.state.runs.values()) loseAll(driver, run)
  driver.must({ type: 'schedule' })
  return driver
}

function loseAll(driver: Driver, { id, plan, tasks: records }: Run): void {
  for (const [i, task] of plan.tasks.entries())
    if (records.get(i)!.current?.startedAt != null) driver.send(lost(at(driver, task.id, id)))
}

/** Lengths of the log after each commit. */
export function commits(log: readonly EventEnvelope[]): readonly number[] {
  return log.flatMap(({ causation }, i) => (log[i + 1]?.causation === causation ? [] : [i + 1]))
}

/** The run an incident waits for, if it waits for one. */
export function runOf(driver: Driver, id = 'i1'): RunId | null {
  const { state, remedy, verification } = incident(driver, id)
  if (state === 'mitigating') return remedy!.run
  return state === 'verifying' ? verification!.run : null
}
