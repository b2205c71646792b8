import type { ActionSpec, PointSteps } from '../actions.ts'
import { type ActionPlan, type Facts, type StepContext, StepError } from '../step.ts'
import { labelOf, remove } from './containers.ts'
import { databaseSteps, databaseWiring } from './databaseSteps.ts'
import { networkStep, pointsOf, released } from './deploy.ts'
import { whileAnswering } from './liveness.ts'
import { type Ended, hasBegun, oneOffName, runOnce } from './oneOff.ts'
import { type DockerPlace, URL_INSIDE } from './place.ts'
import { releaseSteps } from './releaseSteps.ts'
import { endingWords, isFullIn, NO_ROOM } from './sayings.ts'
import { answering } from './service.ts'
import { verify } from './verify.ts'

/** What else is done at a target of this machine's Docker. */

const MINUTE_MS = 60_000

/** Runs a command against its database, once, after a rollback point was made. */
export function migratePlan(place: DockerPlace, spec: ActionSpec, points: PointSteps): ActionPlan {
  const name = `migrate ${spec.attempt}`
  return {
    steps: [
      networkStep(place),
      ...databaseSteps(place),
      ...points(spec, 'migrate'),
      {
        key: 'migrate',
        title: 'Migrate',
        limitMs: 24 * 60 * MINUTE_MS,
        final: true,
        perform: async (context) => {
          const ended = await watching(place, context, (watched) =>
            runOnce(place, watched, {
              name,
              image: { ref: spec.image },
              command: spec.command,
              role: 'owner',
              env: { ...spec.env, AMPHITHEATRE_TARGET_URL: URL_INSIDE },
              withinMs: 24 * 60 * MINUTE_MS,
              code: spec.workspace === null ? null : { folder: spec.workspace, mounts: spec.readOnlyMounts },
              keep: true,
            }),
          )
          if (ended.code === 0) return undefined
          throw await failedMigration(place, context, name, ended)
        },
        undo: async (context) => {
          await remove(place.docker, oneOffName(place, `${context.folder} ${name}`))
          context.note({ ran: String(hasBegun(context, name)) })
        },
      },
      {
        key: 'clear',
        title: 'Remove its container',
        limitMs: MINUTE_MS,
        optional: true,
        perform: async ({ folder }) => {
          await remove(place.docker, oneOffName(place, `${folder} ${name}`))
          return undefined
        },
      },
    ],
    done: (facts) => pointsOf(facts),
    failed: (facts, { words, undone, step }) => {
      const isUntouched = step !== 'migrate' || facts.ran === 'false' || facts.hadDatabase === 'false'
      if (undone && isUntouched) return pointsOf(facts)
      const reason = words.includes(WAY_BACK) ? words : `${words} ${STILL_THERE} ${WAY_BACK}`
      return { ...pointsOf(facts), state: 'half', reason }
    },
  }
}

const STILL_THERE = 'What it changed before that is still there.'
const WAY_BACK = 'Go back with: amphi rollback.'

async function failedMigration(
  place: DockerPlace,
  context: StepContext,
  name: string,
  { code, words, startedAt }: Ended,
): Promise<StepError> {
  if (!hasBegun(context, name)) {
    const remedy = isFullIn(words) ? `${NO_ROOM} Then do it again.` : 'See to that, then do it again.'
    return new StepError(`The migration could not begin, nothing was changed: ${words}`, remedy)
  }
  const said = await endingWords(place, words, startedAt)
  return halfMigrated(`The migration ended with code ${code}: ${said}`, context.facts)
}

/** It may take its time, and has none where the database says nothing any more. */
async function watching<T>(
  place: DockerPlace,
  context: StepContext,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  if (place.target.database?.kind !== 'postgres') return work(context)
  try {
    return await whileAnswering(place, context.signal, (signal) => work({ ...context, signal }))
  } catch (error) {
    if (!(error instanceof StepError) || error.passing || context.signal.aborted) throw error
    throw halfMigrated(`${error.message} ${error.remedy}`, context.facts, error)
  }
}

/** A database that the action itself made goes with it. */
function halfMigrated(words: string, { hadDatabase }: Facts, cause?: unknown): StepError {
  const room = isFullIn(words) ? `${NO_ROOM} ` : ''
  const isOwn = hadDatabase === 'false'
  const next = isOwn
    ? 'Its database was new and goes again: mend it, then do it anew.'
    : `${STILL_THERE} ${WAY_BACK}`
  return new StepError(words, `${room}${next}`, { facts: isOwn ? {} : { migrated: 'half' }, cause })
}

export function verifyPlan(place: DockerPlace): ActionPlan {
  const { verify: wanted } = place.target
  return {
    steps: [
      {
        key: 'verify',
        title: 'Verify what answers at its address',
        limitMs: wanted.timeoutMs + wanted.settleMs + MINUTE_MS,
        perform: async (context) => {
          const result = await verify(place, context)
          if (result.ok) return undefined
          const remedy = 'Look at its log, or go back with: amphi rollback.'
          throw new StepError(`${place.target.name} does not verify: ${result.words}`, remedy)
        },
      },
    ],
    done: () => ({ verified: 'true', state: 'healthy' }),
    failed: (_, { words }) => ({ verified: 'false', state: 'unhealthy', reason: words }),
  }
}

/** A fresh container of the release that answers takes its place, as a new version would. */
export function restartPlan(place: DockerPlace, spec: ActionSpec): ActionPlan {
  return {
    steps: [
      {
        key: 'which',
        title: 'Look what is released',
        limitMs: MINUTE_MS,
        perform: async () => {
          const now = await answering(place)
          if (now === undefined) {
            throw new StepError(`Nothing is released at ${place.target.name}.`, 'Deploy something first.')
          }
          return { image: now.Image, version: labelOf(now, 'version') ?? '' }
        },
      },
      ...databaseSteps(place),
      ...releaseSteps(place, {
        key: spec.attempt,
        of: async (facts) => ({
          image: facts.image!,
          version: facts.version!,
          service: place.spec.service,
          ...(await databaseWiring(place)),
        }),
      }),
    ],
    done: (facts) => ({ ...released(place, spec, facts, true), state: 'healthy' }),
    failed: (facts, { words, undone, past }): Facts => {
      if (past) return { ...released(place, spec, facts, false), state: 'unhealthy', reason: words }
      const next = `Look with: amphi targets show ${place.target.name}. Then restart or deploy again.`
      return undone ? {} : { state: 'half', reason: `${words} ${next}` }
    },
  }
}
