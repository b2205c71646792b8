import type { ActionSpec, Planner, PointSteps } from '../actions.ts'
import type { Planners } from '../planner.ts'
import type { ActionPlan } from '../step.ts'
import { deployPlan } from './deploy.ts'
import { inspectPlan } from './inspect.ts'
import { migratePlan, restartPlan, verifyPlan } from './otherActions.ts'
import { type DockerPlace, type DockerTools, dockerPlace } from './place.ts'
import { takeDownPlan } from './takeDown.ts'

/** What is done at targets of this machine's Docker. */
export function dockerPlanners(tools: DockerTools, points: PointSteps): Planners {
  const at =
    (plan: (place: DockerPlace, spec: ActionSpec) => ActionPlan): Planner =>
    (spec) =>
      plan(dockerPlace(tools, spec.project, spec.action.target)!, spec)
  return {
    deploy: at((place, spec) => deployPlan(place, spec, points)),
    migrate: at((place, spec) => migratePlan(place, spec, points)),
    verify: at(verifyPlan),
    restart: at(restartPlan),
    inspect: at(inspectPlan),
    'take-down': at((place, spec) => takeDownPlan(place, spec, points)),
  }
}
