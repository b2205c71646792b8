import { describe, expect, test } from 'vitest'
import { EFFECT_TYPES, type EffectType, type EventType } from '../main/domain/events.ts'
import { attemptId, taskId } from '../main/domain/ids.ts'
import type { Plan } from '../main/domain/plan.ts'
import { DEFAULT_RETRY } from '../main/domain/project.ts'
import type { Run } from '../main/domain/state.ts'
import { handoffDocumentSchema } from '../main/domain/talk/handoff.ts'
import { DEFAULT_COMMUNICATION } from '../main/domain/talk/talk.ts'
import type { Batch } from '../main/engine/ports/store.ts'
import { checkSimulation } from './check.ts'
import { CALM, type CrashPoint } from './faults.ts'
import { planOf, RUN, task } from './plans.ts'
import type { ScriptStep } from './script.ts'
import type { Simulation, SimulationOptions } from './simulation.ts'
import type { Behaviour } from './world.ts'

const STEADY: Behaviour = { maxMs: 2_000, failing: 0, vanishing: 0, conflicting: 0, hanging: 0 }
const TASKS = planOf([
  task('a', { writes: ['src/**'] }),
  task('b', { needs: [{ task: task('a').id, timeoutMs: null }] }),
  task('c', { workspace: 'none', writes: [] }),
  task('d', { phase: 1 }),
])

/** The checks of a hand-off have a command to run. */
const SAMPLE = {
  ...TASKS,
  strays: 'hold' as const,
  communication: { ...DEFAULT_COMMUNICATION, checks: { syntax_validation: 'true' } },
}

const CHECKED: Plan = {
  ...SAMPLE,
  merge: { check: { run: 'test', image: null, network: 'run', timeoutMs: 60_000 }, batch: 3 },
}

/** At the end of its first phase stands a gate with a command. */
const GATED: Plan = {
  ...SAMPLE,
  phases: SAMPLE.phases.map((phase, i) => (i === 0 ? { ...phase, gates: ['tests'] } : phase)),
  gates: [
    {
      name: 'tests',
      title: 'Tests',
      maySkip: null,
      conditions: [
        { kind: 'files', title: '', globs: ['README.md'] },
        { kind: 'command', title: '', run: 'test', image: null, network: 'none', timeoutMs: 60_000 },
      ],
    },
  ],
}

function options(change: Partial<SimulationOptions>): SimulationOptions {
  return { seed: 1, plan: SAMPLE, behaviour: STEADY, rates: CALM, chaosMs: 0, meddling: 0, ...change }
}

const over = (run: Run | undefined): boolean => run !== undefined && run.endedAt !== null
const agentOf = (run: Run | undefined) => run?.tasks.get(0)?.current
const running = (run: Run | undefined): boolean => agentOf(run)?.state === 'RUNNING'
/** Or over already: then there is nothing to resume, and that is said. */
const paused = (run: Run | undefined): boolean => agentOf(run)?.paused === true || over(run)

/** How a run is brought to an effect: which event opens it, which call carries it out, and what people do. */
interface Stage {
  readonly opens: EventType
  readonly call: string
  readonly script: readonly ScriptStep[]
  /** How long agents run at least, ms; default 0. */
  readonly minMs?: number
  /** Default: nothing is checked before it is merged. */
  readonly plan?: Plan
  /** Agents write what they may not write. */
  readonly straying?: boolean
  /** What must have happened outside exactly once, beside what the oracle asks of every run. */
  readonly once: (simulation: Simulation) => unknown
}

const apply: ScriptStep = { when: over, command: { type: 'run.apply', run: RUN } }
const discard: ScriptStep = { when: over, command: { type: 'run.discard', run: RUN } }
const stop: ScriptStep = { when: running, command: { type: 'agent.stop', run: RUN, task: 'a', force: false } }
const pause: ScriptStep = { when: running, command: { type: 'agent.pause', run: RUN, task: 'a' } }
const goOn: ScriptStep = { when: paused, command: { type: 'agent.continue', run: RUN, task: 'a' } }

const document = handoffDocumentSchema.parse({ title: 'the API', to: 'b' })
const handOff: ScriptStep = {
  when: running,
  by: 'a',
  request: { type: 'agent.hand-off', handoff: null, document },
}
const keep: ScriptStep = { when: running, by: 'a', request: { type: 'agent.checkpoint', note: '' } }

const asked = (run: Run | undefined): boolean =>
  run?.attention.some(({ id }) => id === 'c1:conflict') === true || over(run)
const settle = (choice: string): ScriptStep => ({
  when: asked,
  command: { type: 'attention.answer', run: RUN, id: 'c1:conflict', choice },
})
/** How many committed what they were not to write, or were allowed to. */
const strayedBy = ({ world }: Simulation): number =>
  [...world.strayed.keys()].filter((attempt) => attempt.includes('/a#')).length

const begunOnce = ({ world }: Simulation): unknown => world.begins.get([...world.begins.keys()][0]!) === 1
const delivered =
  (kind: string) =>
  ({ world }: Simulation): unknown =>
    world.deliveries.get(`${kind} ${RUN}`) === 1
const times = ({ world }: Simulation, type: EventType): number =>
  world.disk.events.filter((event) => event.type === type).length
const nothingLeft = ({ world }: Simulation): unknown => world.containers.size + world.networks.size === 0

const STAGES: Readonly<Record<EffectType, Stage>> = {
  'run.prepare': { opens: 'run.started', call: 'workspaces.prepareRun', script: [], once: begunOnce },
  'workspace.cut': { opens: 'task.assigned', call: 'workspaces.cut', script: [], once: begunOnce },
  'agent.start': { opens: 'workspace.cut', call: 'runner.start', script: [], once: begunOnce },
  'agent.stop': { opens: 'agent.stopping', call: 'runner.stop', script: [stop], once: begunOnce },
  'agent.pause': { opens: 'agent.pausing', call: 'runner.pause', script: [pause, goOn], once: begunOnce },
  'agent.resume': { opens: 'agent.resuming', call: 'runner.resume', script: [pause, goOn], once: begunOnce },
  'handoff.validate': {
    opens: 'handoff.initiated',
    call: 'runner.exec',
    script: [handOff],
    minMs: 1_000,
    once: (simulation) =>
      times(simulation, 'handoff.initiated') <= 1 && times(simulation, 'handoff.validated') <= 1,
  },
  'work.checkpoint': {
    opens: 'work.checkpoint-asked',
    call: 'workspaces.checkpoint',
    script: [keep],
    minMs: 1_000,
    once: (simulation) =>
      simulation.world.checkpoints.size <= 1 && times(simulation, 'work.checkpointed') <= 1,
  },
  'work.set-aside': {
    opens: 'stray.seen',
    call: 'workspaces.setAside',
    script: [settle('discard')],
    straying: true,
    once: (simulation) => simulation.world.asides.size <= 1 && strayedBy(simulation) === 0,
  },
  'work.put-back': {
    opens: 'stray.returning',
    call: 'workspaces.putBack',
    script: [settle('allow')],
    straying: true,
    once: (simulation) => strayedBy(simulation) === times(simulation, 'stray.ruled'),
  },
  'work.commit': {
    opens: 'agent.exited',
    call: 'workspaces.commit',
    script: [],
    once: ({ world }) => world.commits.size === 3,
  },
  'work.merge': {
    opens: 'work.committed',
    call: 'workspaces.merge',
    script: [],
    once: ({ world }) => world.merges.size === 3,
  },
  'merge.check': {
    opens: 'merge.check-started',
    call: 'runner.startCheck',
    script: [],
    plan: CHECKED,
    once: ({ world }) => world.merges.size === 3 && [...world.begins.values()].every((count) => count === 1),
  },
  'merge.advance': {
    opens: 'merge.check-ended',
    call: 'workspaces.advance',
    script: [],
    plan: CHECKED,
    once: ({ world }) => world.merges.size === 3,
  },
  'gate.evaluate': {
    opens: 'gate.asked',
    call: 'runner.startGateCheck',
    script: [],
    plan: GATED,
    once: (simulation) =>
      times(simulation, 'gate.settled') === 1 &&
      [...simulation.world.begins.values()].every((count) => count === 1) &&
      simulation.world.merges.size === 3,
  },
  'agent.clean': { opens: 'task.completed', call: 'runner.remove', script: [], once: nothingLeft },
  'run.release': { opens: 'run.settled', call: 'runner.releaseRun', script: [], once: nothingLeft },
  'run.apply': {
    opens: 'run.apply-requested',
    call: 'workspaces.apply',
    script: [apply],
    once: delivered('apply'),
  },
  'run.discard': {
    opens: 'run.discard-requested',
    call: 'workspaces.discard',
    script: [discard],
    once: delivered('discard'),
  },
}

/** True the first time only. */
function first(
  condition: (call: string, detail: unknown) => boolean,
): (call: string, detail: unknown) => boolean {
  let spent = false
  return (call, detail) => {
    if (spent || !condition(call, detail)) return false
    spent = true
    return true
  }
}

const records = (stage: Stage) => (call: string, detail: unknown) =>
  call === 'store.append' && (detail as Batch).events.some(({ type }) => type === stage.opens)
const performs = (stage: Stage) => (call: string) => call === stage.call

const POINTS: Readonly<Record<string, (stage: Stage) => CrashPoint>> = {
  'before it is recorded': (stage) => ({ before: first(records(stage)) }),
  'recorded and not started': (stage) => ({ after: first(records(stage)) }),
  'asked for, and nobody knows whether it came about': (stage) => ({ before: first(performs(stage)) }),
  'started and not recorded': (stage) => ({ after: first(performs(stage)) }),
  'done and reported failed': (stage) => ({ lie: first(performs(stage)) }),
}

describe('every effect takes place once, wherever the engine dies', () => {
  for (const effect of EFFECT_TYPES) {
    for (const [point, crashPoint] of Object.entries(POINTS)) {
      test(`${effect}: ${point}`, async () => {
        const stage = STAGES[effect]
        for (let seed = 1; seed <= 20; seed++) {
          const simulation = await checkSimulation(
            options({
              seed,
              script: stage.script,
              ...(stage.plan === undefined ? {} : { plan: stage.plan }),
              ...(stage.straying
                ? { behaviour: { ...STEADY, minMs: 1_500, straying: 1 }, chaosMs: 60_000 }
                : { behaviour: { ...STEADY, minMs: stage.minMs ?? 0 } }),
              crashPoint: crashPoint(stage),
            }),
          )
          expect(stage.once(simulation), `seed ${seed}`).toBe(true)
          if (!point.includes('reported failed'))
            expect(simulation.crashes, `seed ${seed}: it did not die`).toBe(1)
        }
      })
    }
  }
})

test('the engine dies at every single call of a run, before it and after it', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let at = 0; ; at++) {
      let calls = 0
      const point = (): boolean => calls++ === at
      const { crashes } = await checkSimulation(
        options({ seed: at + 1, script: [apply], crashPoint: { [when]: point } }),
      )
      if (crashes === 0) {
        expect(at, 'calls tried').toBeGreaterThan(60)
        break
      }
    }
  }
})

test('the engine dies at every single call of a run that checks before it merges and takes one out', async () => {
  const retry = { ...DEFAULT_RETRY, retries: 1 }
  const both = planOf(['a', 'b'].map((id) => task(id, { writes: [`${id}/**`], retry })))
  const plan = { ...both, merge: CHECKED.merge! }
  const clashes = [['a', 'b'].map((id) => attemptId(RUN, taskId(id), 1))]
  for (const when of ['before', 'after'] as const) {
    for (let at = 0; ; at++) {
      let calls = 0
      const point = (): boolean => calls++ === at
      const { crashes, world } = await checkSimulation(
        options({ seed: at + 1, plan, clashes, crashPoint: { [when]: point } }),
      )
      expect(world.branch.tip, `call ${at}`).toHaveLength(2)
      if (crashes === 0) {
        expect(at, 'calls tried').toBeGreaterThan(60)
        break
      }
    }
  }
})

test('R6: the first writes fail one after the other; nothing is falsely done, and the run goes on', async () => {
  for (let from = 0; from < 40; from++) {
    let writes = 0
    const refusing = (call: string): boolean =>
      call === 'store.append' && writes++ >= from && writes <= from + 8
    const { world } = await checkSimulation(options({ seed: from + 1, crashPoint: { refuse: refusing } }))
    expect(world.disk.events.at(-1)!.type).toBe('run.settled')
  }
})
