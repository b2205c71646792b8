import { spawn } from 'node:child_process'
import type { PointCommits } from '../engine/ports/pointCommits.ts'
import type { ActionSpec } from '../targets/actions.ts'
import type { PointParts } from '../targets/createTargets.ts'
import { type DockerTools, dockerPlace } from '../targets/docker/place.ts'
import type { ActionPlan } from '../targets/step.ts'
import { asideSight, dropAsidePlan } from './aside.ts'
import { keeperOf } from './database.ts'
import { dockerPointPlace } from './dockerPlace.ts'
import { holdPlan, openPlan } from './hold.ts'
import { hostCommands } from './hostCommands.ts'
import { pointPlan, pointSteps } from './make.ts'
import { restorePlan, scratchPlan } from './restore.ts'
import { restoreElsewhere } from './restoreElsewhere.ts'
import { restoreImagePlan } from './restoreImage.ts'
import { testPointPlan } from './testPoint.ts'
import type { PointTools } from './tools.ts'

export interface PointsOptions {
  readonly dataDir: string
  readonly commits: PointCommits
}

/** What points are made with, for targets wherever they are. */
export function createPointTools({ dataDir, commits }: PointsOptions, tools: DockerTools): PointTools {
  return {
    dataDir,
    commits,
    placeOf: (project, target) => {
      const place = dockerPlace(tools, project, target)
      if (place !== undefined) return dockerPointPlace(place, target)
      const { database } = target
      return {
        // Commands of their own reach it from here, as those of the place do.
        database: database === null ? null : keeperOf(database, hostCommands(spawn)),
        ready: () => Promise.resolve(),
        keepImage: null,
        hold: `requests to a ${target.place.kind} target cannot be kept away from here`,
      }
    },
  }
}

/** Everything points add to what is done at targets. */
export function createPoints(points: PointTools, tools: DockerTools): PointParts {
  const of = (plan: (tools: PointTools, spec: ActionSpec) => ActionPlan) => (spec: ActionSpec) =>
    plan(points, spec)
  const image = (spec: ActionSpec): ActionPlan => {
    const place = dockerPlace(tools, spec.project, spec.action.target)
    return place === undefined ? restoreElsewhere(tools, spec) : restoreImagePlan(place, spec)
  }
  return {
    steps: pointSteps(points),
    aside: (project, target, all) => asideSight(points, project, target, all),
    planners: {
      point: of(pointPlan),
      'test-point': of(testPointPlan),
      scratch: of(scratchPlan),
      'drop-aside': of(dropAsidePlan),
      hold: of(holdPlan),
      open: of(openPlan),
      restore: restorePlan(points, image),
    },
  }
}
