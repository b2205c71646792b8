import { z } from 'zod'
import {
  COMPONENT_STATUSES,
  componentChangeSchema,
  riskChangeSchema,
} from '../../../domain/context/entities.ts'
import { planIndex } from '../../../domain/plan.ts'
import {
  CHECKLIST_STEPS,
  checklistCounts,
  isChecklistStep,
  startupChecklist,
} from '../../../domain/talk/checklist.ts'
import { Refused } from '../call.ts'
import { answer, PROTOCOL } from '../door.ts'
import { DOOR_LIMITS } from '../limits.ts'
import { roleOf, type Standing, taskNames } from '../standing.ts'
import { type Verb, verb, waitSchema, word } from './verb.ts'

/** What an agent says of itself and its work. */
export const WORK_VERBS: Readonly<Record<string, Verb>> = {
  hello: verb({
    about: 'Registers with the engine and tells who you are, what your task is and who else is there.',
    args: z.strictObject({}),
    changes: false,
    run: async (call) => {
      await call.check('register', 'review_tasks')
      return answer(introduction(call.standing))
    },
  }),
  progress: verb({
    about: 'Says how far the work is: percent from 0 to 100 (or null), and a line of text.',
    args: z.strictObject({
      percent: z.number().min(0).max(100).nullable().default(null),
      text: z.string().max(500).default(''),
    }),
    changes: true,
    run: async (call, { percent, text }) => {
      await call.command({ type: 'agent.progress', percent, text })
      return answer()
    },
  }),
  output: verb({
    about: 'Sets an output of the task, which tasks that need it can use.',
    args: z.strictObject({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) }),
    changes: true,
    run: async (call, { name, value }) => {
      await call.command({ type: 'agent.output', name, value: String(value) })
      return answer()
    },
  }),
  checkpoint: verb({
    about: 'Keeps what is in the workspace so far as a commit; with wait until it is kept.',
    args: z.strictObject({ note: z.string().max(500).default(''), wait: waitSchema }),
    changes: true,
    run: async (call, { note, wait }) => {
      await call.command({ type: 'agent.checkpoint', note })
      const settled = await call.wait(wait, ({ attempt }) =>
        attempt.effects.includes('work.checkpoint') ? undefined : { kept: attempt.checkpoint },
      )
      return answer({ pending: settled === undefined, commit: settled?.kept?.commit ?? null })
    },
  }),
  checklist: verb({
    about: 'Lists the steps of the start-up check-list, or records one of them as done (step).',
    args: z.strictObject({ step: word.optional() }),
    changes: false,
    run: async (call, { step }) => {
      if (step !== undefined && !isChecklistStep(step)) {
        const remedy = `The steps are: ${CHECKLIST_STEPS.join(', ')}.`
        throw new Refused('bad-request', 'step: there is no such step', remedy)
      }
      if (step !== undefined) await call.check(step)
      const { run, task, attempt } = call.standing
      const steps = startupChecklist(run, task, attempt.n) ?? []
      return answer({ ...checklistCounts(steps), steps })
    },
  }),
  risk: verb({
    about: 'Records a risk of the project, or changes one: what is left out stays as it was.',
    args: z.strictObject(riskChangeSchema.shape),
    changes: true,
    run: async (call, risk) => {
      await call.command({ type: 'agent.risk', risk })
      return answer({ risk: risk.id })
    },
  }),
  component: verb({
    about: `Records the state of a component (${COMPONENT_STATUSES.join(', ')}), its owners, a line of its history.`,
    args: z.strictObject(componentChangeSchema.shape),
    changes: true,
    run: async (call, component) => {
      await call.command({ type: 'agent.component', component })
      return answer({ component: component.name })
    },
  }),
}

function introduction(standing: Standing): Readonly<Record<string, unknown>> {
  const { run, task, spec, attempt, name } = standing
  const role = roleOf(standing)
  const { needs, dependents } = planIndex(run.plan)
  const steps = startupChecklist(run, task, attempt.n) ?? []
  const { waitSeconds, bodyBytes, artifactBytes, callsPerSecond } = DOOR_LIMITS
  return {
    protocol: PROTOCOL,
    agent: name,
    role: { name: role.name, id: role.id, title: role.title, responsibilities: role.responsibilities },
    task: {
      id: spec.id,
      title: spec.title,
      attempt: attempt.n,
      writes: spec.writes,
      reads: spec.reads,
      needs: taskNames(run, needs[task]!),
      neededBy: taskNames(run, dependents[task]!),
    },
    run: { id: run.id, title: run.plan.title, project: run.project },
    roles: run.plan.roles.map((one) => one.name),
    inbox: run.tasks.get(task)!.inbox.length,
    checklist: checklistCounts(steps),
    limits: { waitSeconds, bodyBytes, artifactBytes, callsPerSecond },
  }
}
