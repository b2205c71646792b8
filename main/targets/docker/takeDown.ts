import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LABELS } from '../../runners/docker/labels.ts'
import type { ActionSpec, PointSteps } from '../actions.ts'
import type { ActionPlan, Step } from '../step.ts'
import { takenDown, takenDownFailed } from '../takenDown.ts'
import { listParts, nameOf, putAway, remove } from './containers.ts'
import { removeDatabase } from './databaseSteps.ts'
import { unkeepImage } from './image.ts'
import { removeNetworks } from './network.ts'
import type { DockerPlace } from './place.ts'

const MINUTE_MS = 60_000
const STOP_GRACE_S = 10

/**
 * Nothing of a target runs any more, and nothing of it is left but its data, its points and what opens its database.
 * With its data these go, too, once a point of them is on the disk. Every step may be done again.
 */
export function takeDownPlan(place: DockerPlace, spec: ActionSpec, points: PointSteps): ActionPlan {
  const { action } = spec.action
  if (action.do !== 'take-down') throw new Error('only an action `take-down` takes a target down')
  const { withData } = action
  return {
    steps: [
      ...pointsBefore(spec, points, withData),
      {
        key: 'containers',
        title: `Stop and remove what runs at ${place.target.name}`,
        limitMs: 5 * MINUTE_MS,
        perform: async ({ say }) => {
          await removeParts(place, say)
          await removeNetworks(place)
          // Who answered is nobody's to go back to; the next proxy begins anew.
          for (const name of ['proxy', 'held.json'])
            await rm(join(place.folder, name), { recursive: true, force: true })
          return undefined
        },
      },
      ...(withData ? [dataStep(place)] : []),
      imagesStep(place, spec),
    ],
    done: (facts) => takenDown(facts, withData),
    failed: (facts, failure) => takenDownFailed(place.target.name, facts, failure),
  }
}

/** What is thrown away is kept first; what stays need not hold up who wants to be rid of a target that is broken. */
function pointsBefore(spec: ActionSpec, points: PointSteps, withData: boolean): readonly Step[] {
  if (!withData && spec.action.known?.current == null) return []
  return points(spec, 'hand').map((step) => ({ ...step, optional: !withData }))
}

/** The service first: it may still have something to write. */
async function removeParts(place: DockerPlace, say: (line: string) => void): Promise<void> {
  const all = await listParts(place)
  const last = ['proxy', 'database']
  const rank = (part: string | undefined): number => last.indexOf(part ?? '')
  for (const info of all.toSorted((a, b) => rank(a.Labels[LABELS.part]) - rank(b.Labels[LABELS.part]))) {
    await putAway(place.docker, nameOf(info), STOP_GRACE_S)
    await remove(place.docker, nameOf(info))
    say(`${nameOf(info)} removed`)
  }
}

function dataStep(place: DockerPlace): Step {
  return {
    key: 'data',
    title: `Remove the data of ${place.target.name}`,
    limitMs: 5 * MINUTE_MS,
    perform: async () => {
      await removeDatabase(place)
      await rm(place.folder, { recursive: true, force: true })
      return undefined
    },
  }
}

/** Those that a point names are kept by it. */
function imagesStep(place: DockerPlace, { action }: ActionSpec): Step {
  return {
    key: 'images',
    title: 'Let go of its images',
    limitMs: 2 * MINUTE_MS,
    optional: true,
    perform: async () => {
      const { known, points } = action
      const named = new Set(points.map(({ release }) => release?.image))
      const released = [known?.current, ...(known?.history ?? [])].map((one) => one?.release.image)
      for (const image of new Set(released))
        if (image != null && image !== known?.current?.release.image && !named.has(image))
          await unkeepImage(place.docker, image)
      return undefined
    },
  }
}
