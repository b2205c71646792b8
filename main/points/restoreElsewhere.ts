import type { Release, TargetPlace, TargetSpec } from '../domain/targets/target.ts'
import { type ActionSpec, NO_POINTS } from '../targets/actions.ts'
import type { DockerTools } from '../targets/docker/place.ts'
import { composeReach } from '../targets/places/compose.ts'
import { helmReach } from '../targets/places/helm.ts'
import { kubectlReach } from '../targets/places/kubectl.ts'
import { type ReachOf, reachPlanners } from '../targets/places/planners.ts'
import { sshReach } from '../targets/places/ssh.ts'
import { type ActionPlan, StepError } from '../targets/step.ts'
import { pointOf } from './restore.ts'

/**
 * The release of a point at a place that is reached by a program: released again as it was then, or by the command the
 * target names for going back. Files that a release there is made by are those of the user's checkout.
 */
export function restoreElsewhere(tools: DockerTools, spec: ActionSpec): ActionPlan {
  const job = spec.action
  const { place } = job.target
  const release = job.action.do === 'restore' ? pointOf(spec, job.action.point).release : null
  if (release === null || place.kind === 'docker') return refused('The point holds no release.')
  const action = { do: 'deploy', from: { image: release.image ?? '' }, version: release.version } as const
  const deploying: ActionSpec = {
    ...spec,
    workspace: spec.workspace ?? job.root,
    action: { ...job, action, target: goingBack(job.target), commit: release.commit },
  }
  const plan = reachPlanners(tools, REACHES(tools, release)[place.kind], NO_POINTS, place.kind === 'compose')
    .deploy!(deploying)
  // What the place records of a release is its own; what it was made from stays that of then.
  return {
    ...plan,
    done: (facts) => ({ ...plan.done(facts), ...commitOf(plan.done(facts).release, release) }),
  }
}

const REACHES = (
  tools: DockerTools,
  { detail }: Release,
): Readonly<Record<Exclude<TargetPlace['kind'], 'docker'>, ReachOf>> => ({
  compose: (spec) => composeReach(tools, spec),
  ssh: sshReach,
  kubectl: kubectlReach,
  helm: (spec) => helmReach(spec, detail['revision']),
})

function goingBack(target: TargetSpec): TargetSpec {
  const { place } = target
  if (place.kind !== 'ssh' || place.commands.rollback === null) return target
  return { ...target, place: { ...place, commands: { ...place.commands, deploy: place.commands.rollback } } }
}

function commitOf(json: string | undefined, { commit }: Release): Readonly<Record<string, string>> {
  return json === undefined ? {} : { release: JSON.stringify({ ...(JSON.parse(json) as Release), commit }) }
}

function refused(words: string): ActionPlan {
  const step = {
    key: 'refuse',
    title: 'Look what to go back to',
    limitMs: 1_000,
    perform: () => Promise.reject(new StepError(words, 'Leave the image out of the rollback.')),
  }
  return { steps: [step], done: () => ({}), failed: () => ({}) }
}
