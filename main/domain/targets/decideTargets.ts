import type { ClientCommand } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'

/** Refused while something is released there, which nobody would see to any more, and while somebody is at work on it. */
export function decideTargets(
  draft: Draft,
  { project: id, target }: Extract<ClientCommand, { type: 'target.forget' }>,
): Verdict {
  const project = draft.state.projects.get(id)
  if (project === undefined) return reject('unknown', `project ${id} is not registered`)
  const record = Object.hasOwn(project.targets, target) ? project.targets[target] : undefined
  if (record === undefined)
    return reject('unknown', `there is no target ${target}; \`amphi targets list\` lists those there are`)
  const { busy, current } = record
  if (busy !== null) return reject('not-now', `${busy} is at work on ${target}; wait for it or stop it first`)
  for (const run of draft.state.runs.values()) {
    const names = run.endedAt === null && run.project === id && run.plan.targets?.some(isIt)
    if (names === true)
      return reject('not-now', `run ${run.id} acts on ${target}; wait for it or stop it first`)
  }
  if (current !== null)
    return reject(
      'not-now',
      `${current.release.version} is released at ${target}, and nobody would see to it any more; only a target that nothing was released at can be forgotten`,
    )
  draft.emit({ project: id, run: null }, { type: 'target.forgotten', target })
  return undefined

  function isIt({ name }: { readonly name: string }): boolean {
    return name === target
  }
}
