import type { ClientCommand, Rejection } from '../commands.ts'
import { decideRun } from '../decideRun.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { actionPlan, actionTask } from '../rollback/actionPlan.ts'
import type { ProjectRecord } from '../state.ts'
import type { TargetRecord } from './target.ts'

type Of<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>

export function decideTargets(draft: Draft, command: Of<'target.forget'> | Of<'target.take-down'>): Verdict {
  const { project: id, target } = command
  const project = draft.state.projects.get(id)
  if (project === undefined) return reject('unknown', `project ${id} is not registered`)
  const record = Object.hasOwn(project.targets, target) ? project.targets[target] : undefined
  if (record === undefined)
    return reject('unknown', `there is no target ${target}; \`amphi targets list\` lists those there are`)
  const used = inUse(draft, project, record)
  if (used !== undefined) return used
  return command.type === 'target.forget' ? forget(draft, record, command) : takeDown(draft, record, command)
}

/** Somebody is at work on it, or is going to be. */
function inUse(
  draft: Draft,
  { id }: ProjectRecord,
  { spec: { name: target }, busy }: TargetRecord,
): Rejection | undefined {
  if (busy !== null) return reject('not-now', `${busy} is at work on ${target}; wait for it or stop it first`)
  for (const run of draft.state.runs.values()) {
    const names = run.endedAt === null && run.project === id && run.plan.targets?.some(isIt)
    if (names === true)
      return reject('not-now', `run ${run.id} acts on ${target}; wait for it or stop it first`)
  }
  return undefined

  function isIt({ name }: { readonly name: string }): boolean {
    return name === target
  }
}

/** Refused while something is released there, which nobody would see to any more, unless that is what is wanted. */
function forget(
  draft: Draft,
  { current }: TargetRecord,
  { project, target, anyway = false }: Of<'target.forget'>,
): Verdict {
  if (current !== null && !anyway)
    return reject(
      'not-now',
      `${current.release.version} is released at ${target}, and nobody would see to it any more: \`amphi targets remove ${target}\` takes it down first, \`amphi targets forget ${target} --anyway\` leaves it there`,
    )
  draft.emit({ project, run: null }, { type: 'target.forgotten', target })
  return undefined
}

function takeDown(
  draft: Draft,
  { spec }: TargetRecord,
  { project, run, target, withData }: Of<'target.take-down'>,
): Verdict {
  const title = withData ? `Take ${target} down, with its data` : `Take ${target} down`
  const plan = actionPlan('targets', title, {
    tasks: [actionTask('take-down', title, { do: 'take-down', withData }, target)],
    targets: [spec],
  })
  return decideRun(draft, { type: 'run.start', project, run, runner: 'target', plan })
}
