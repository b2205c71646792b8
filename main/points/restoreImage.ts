import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Release, ServiceSpec } from '../domain/targets/target.ts'
import type { ActionSpec } from '../targets/actions.ts'
import { databaseWiring } from '../targets/docker/databaseSteps.ts'
import type { DockerPlace } from '../targets/docker/place.ts'
import { releaseSteps } from '../targets/docker/releaseSteps.ts'
import { type ActionPlan, type Facts, StepError } from '../targets/step.ts'
import { pointOf } from './restore.ts'
import { step } from './tools.ts'

/**
 * The release of a point, from its image and configured as it was then, takes the place of the one that answers; as
 * careful as any deployment. What waited at a held target goes to it.
 */
export function restoreImagePlan(place: DockerPlace, spec: ActionSpec): ActionPlan {
  const release = releaseOf(spec)
  const then =
    release === null ? place : { ...place, spec: { ...place.spec, service: serviceOf(place, release) } }
  const found = step({
    key: 'image',
    title: 'Find the image of then',
    limitMs: 60_000,
    perform: async () => {
      if (release === null)
        throw new StepError('The point holds no release.', 'Leave the image out of the rollback.')
      if (release.image !== null && (await isThere(place, release.image)))
        return { image: release.image, version: release.version }
      throw new StepError(
        `The image of ${release.version} (${release.image ?? 'unknown'}) is not there any more.`,
        'Build it again from its commit and deploy that, or go back to another point.',
      )
    },
  })
  const opened = step({
    key: 'opened',
    title: 'Note that it is held no more',
    limitMs: 60_000,
    optional: true,
    perform: async () => {
      await rm(join(place.folder, 'held.json'), { force: true })
      return undefined
    },
  })
  return {
    steps: [
      found,
      ...releaseSteps(then, {
        key: spec.attempt,
        of: async (facts) => ({
          image: facts.image!,
          version: facts.version!,
          service: then.spec.service,
          ...(await databaseWiring(then)),
        }),
      }),
      opened,
    ],
    done: (facts) => ({ ...released(spec, release, facts, true), state: 'healthy' }),
    failed: (facts, { words, undone, past }): Facts => {
      if (past) return { ...released(spec, release, facts, false), state: 'unhealthy', reason: words }
      const next = `Look with: amphi targets show ${spec.action.target.name}. Then go back again, or deploy.`
      return undone ? {} : { state: 'half', reason: `${words} ${next}` }
    },
  }
}

function releaseOf(spec: ActionSpec): Release | null {
  const { action } = spec.action
  return action.do === 'restore' ? pointOf(spec, action.point).release : null
}

/** As it was configured then; where that was not kept, as it is now. */
function serviceOf(place: DockerPlace, { detail }: Release): ServiceSpec {
  if (detail.service === undefined || detail.service === '') return place.spec.service
  return { ...place.spec.service, ...(JSON.parse(detail.service) as Partial<ServiceSpec>) }
}

async function isThere({ docker }: DockerPlace, image: string): Promise<boolean> {
  return docker
    .getImage(image)
    .inspect()
    .then(
      () => true,
      (error: { statusCode?: number }) => {
        if (error.statusCode === 404) return false
        throw error
      },
    )
}

function released(spec: ActionSpec, release: Release | null, facts: Facts, verified: boolean): Facts {
  if (release === null) return {}
  const detail = { ...release.detail, container: facts.container ?? '', key: spec.attempt }
  return { release: JSON.stringify({ ...release, detail }), verified: String(verified) }
}
