import { assertNever } from '../assertNever.ts'
import { planIndex } from '../plan.ts'
import type { Attempt, Run } from '../state.ts'
import { type MessageLog, messagesOf } from './messageLog.ts'

/**
 * The framework's start-up checklist: four groups of four steps that every agent goes through. Most steps are read
 * off the state; those only the agent or its door can see are recorded with `agent.check` and named by their id.
 */
export const CHECKLIST = {
  orientation: {
    read_framework: 'Read the framework document',
    review_state: 'Review the state of the project',
    understand_dependencies: 'Understand dependencies',
    set_up_context: 'Set up the context directory',
  },
  setup: {
    clone_repository: 'Clone the repository',
    install_dependencies: 'Install dependencies',
    configure_credentials: 'Configure credentials',
    verify_access: 'Verify access permissions',
  },
  coordination: {
    register: 'Register with the context manager',
    review_tasks: 'Review assigned tasks',
    identify_dependencies: 'Identify dependencies',
    plan_approach: 'Plan the approach',
  },
  execution: {
    begin_tasks: 'Begin assigned tasks',
    update_context: 'Update the context regularly',
    communicate_blockers: 'Communicate blockers',
    request_reviews: 'Request reviews as needed',
  },
} as const

export type ChecklistGroup = keyof typeof CHECKLIST
export type ChecklistStepId = { [G in ChecklistGroup]: keyof (typeof CHECKLIST)[G] }[ChecklistGroup]

/** Every step id, in the framework's order; `agent.check` records nothing else. */
export const CHECKLIST_STEPS = Object.values(CHECKLIST).flatMap(
  (group) => Object.keys(group) as ChecklistStepId[],
)

export function isChecklistStep(word: string): word is ChecklistStepId {
  return (CHECKLIST_STEPS as readonly string[]).includes(word)
}

export interface ChecklistStep {
  readonly id: ChecklistStepId
  readonly group: ChecklistGroup
  readonly title: string
  readonly status: 'done' | 'open' | 'not-needed'
  /** In words; empty where the status says all. */
  readonly why: string
}

type Found = Pick<ChecklistStep, 'status' | 'why'>

/** Sixteen steps in the framework's order; undefined for an attempt that is not under way. */
export function startupChecklist(
  run: Run,
  task: number,
  attempt: number,
): readonly ChecklistStep[] | undefined {
  const current = run.tasks.get(task)?.current ?? null
  if (current === null || current.n !== attempt) return undefined
  return Object.entries(CHECKLIST).flatMap(([group, steps]) =>
    Object.entries(steps).map(([id, title]) => ({
      id: id as ChecklistStepId,
      group: group as ChecklistGroup,
      title,
      ...look(run, task, current, id as ChecklistStepId),
    })),
  )
}

/** Steps that are done, and all that are not without need. */
export function checklistCounts(steps: readonly ChecklistStep[]): {
  readonly done: number
  readonly of: number
} {
  const needed = steps.filter(({ status }) => status !== 'not-needed')
  return { done: needed.filter(({ status }) => status === 'done').length, of: needed.length }
}

function look(run: Run, task: number, attempt: Attempt, step: ChecklistStepId): Found {
  if (attempt.checked.includes(step)) return done('it said so')
  const spec = run.plan.tasks[task]!
  switch (step) {
    case 'read_framework':
    case 'review_state':
    case 'review_tasks':
      return open('it has not asked for it')
    case 'register':
      return open('it has not called through its door')
    case 'understand_dependencies':
      return needsOf(run, task).length === 0 && spec.needsSoft.length === 0
        ? notNeeded('its task depends on nothing')
        : open('it has not asked for the dependency map')
    case 'identify_dependencies':
      return identified(run, task)
    case 'set_up_context':
      return attempt.startedAt === null
        ? open('it has not started')
        : done('the context lies in its door folder')
    case 'clone_repository':
      if (spec.workspace === 'none') return notNeeded('its task works without the code')
      return attempt.cut === null
        ? open('the code is not copied yet')
        : done(`at ${attempt.cut.commit.slice(0, 12)}`)
    case 'install_dependencies':
      return installed(run, task, attempt)
    case 'configure_credentials':
      return configured(Object.keys(spec.env).length, attempt)
    case 'verify_access':
      return attempt.checked.includes('register')
        ? done('its door answered')
        : open('it has not called through its door')
    case 'plan_approach':
      return said(attempt) ? done('it says what it does') : open('it has not said what it will do')
    case 'begin_tasks':
      return attempt.startedAt === null ? open('it has not started') : done('')
    case 'update_context':
      return updates(run, task, attempt)
    case 'communicate_blockers':
      return blockers(run, task, attempt)
    case 'request_reviews':
      return reviews(run, task, attempt)
    default:
      return assertNever(step, 'unknown step')
  }
}

function done(why: string): Found {
  return { status: 'done', why }
}

function open(why: string): Found {
  return { status: 'open', why }
}

function notNeeded(why: string): Found {
  return { status: 'not-needed', why }
}

function needsOf(run: Run, task: number): readonly string[] {
  return planIndex(run.plan).needs[task]!.map((need) => run.plan.tasks[need]!.id)
}

/** The plan names them, and nothing starts before they are met. */
function identified(run: Run, task: number): Found {
  const needs = needsOf(run, task)
  if (needs.length === 0) return notNeeded('its task needs no other')
  const more = needs.length > 3 ? ` and ${needs.length - 3} more` : ''
  return done(`it needs ${needs.slice(0, 3).join(', ')}${more}`)
}

/** What a project builds into its own image needs no installing; of any other image only the agent knows. */
function installed(run: Run, task: number, attempt: Attempt): Found {
  const spec = run.plan.tasks[task]!
  if (spec.workspace === 'none') return notNeeded('its task works without the code')
  const role = run.plan.roles.find(({ name }) => name === attempt.role)
  const image = spec.image ?? role?.image ?? run.plan.image
  if ('build' in image && attempt.startedAt !== null) return done(`in the image of ${image.build}`)
  return open('it has not said so')
}

function configured(variables: number, attempt: Attempt): Found {
  if (variables === 0) return notNeeded('its task is given none')
  if (attempt.startedAt === null) return open('it has not started')
  return done(variables === 1 ? '1 variable given' : `${variables} variables given`)
}

function said(attempt: Attempt): boolean {
  return attempt.progress !== null && attempt.progress.text !== ''
}

function updates(run: Run, task: number, attempt: Attempt): Found {
  if (attempt.progress !== null) return done('it reports its progress')
  if (attempt.checkpoint !== null) return done('it keeps checkpoints')
  if (run.talk.artifacts.some((artifact) => artifact.task === task && artifact.at >= attempt.assignedAt))
    return done('it published what it made')
  return Object.keys(attempt.outputs).length > 0 ? done('it gave outputs') : open('nothing said yet')
}

function blockers(run: Run, task: number, attempt: Attempt): Found {
  if (askersIn(run.talk.messages).has(`${task}#${attempt.n}`)) return done('it asked')
  return attempt.trouble === null ? notNeeded('nothing holds it up') : open('something holds it up')
}

const askers = new WeakMap<MessageLog, ReadonlySet<string>>()

/** `task#attempt` of whoever asked something; looked through once for all agents of a run. */
function askersIn(log: MessageLog): ReadonlySet<string> {
  const known = askers.get(log)
  if (known !== undefined) return known
  const found = new Set<string>()
  for (const { from, type } of messagesOf(log))
    if (from.kind === 'task' && (type === 'REQUEST' || type === 'ALERT'))
      found.add(`${from.task}#${from.attempt}`)
  askers.set(log, found)
  return found
}

function reviews(run: Run, task: number, attempt: Attempt): Found {
  const since = attempt.assignedAt
  const handed = run.talk.handoffs.find(({ from, initiatedAt }) => from === task && initiatedAt >= since)
  if (handed !== undefined) return done(`hand-off ${handed.id}`)
  const asked = run.talk.ballots.find(({ by, openedAt }) => by === task && openedAt >= since)
  return asked === undefined ? notNeeded('nothing of it is for others to review') : done(`ballot ${asked.id}`)
}
