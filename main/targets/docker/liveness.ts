import { setTimeout as delay } from 'node:timers/promises'
import { isDockerAway } from '../patience.ts'
import { StepError } from '../step.ts'
import { exec, lastWords, look } from './containers.ts'
import { type DockerPlace, nameOfPart } from './place.ts'

/**
 * What is done to a database may take hours, and one that hangs (its processes stand still, its disk does not answer)
 * takes connections and says nothing, as one that is busy. So it is asked beside the work for the least there is: where
 * even that is not answered any more, several times one after the other, the work is given up.
 */
export const ANSWER_MS = 120_000
const PROBES = 4
/** Most work is over by then, and asking costs as much as a short piece of it. */
const FIRST_MS = 5_000
/** Of `timeout`: it ended what it ran, politely or not. */
const CUT = new Set([124, 137])

const databaseOf = (place: DockerPlace): string => nameOfPart(place, 'database')

/** Throws a `StepError` once the database is silent; `work` has to end with its signal, and is left behind where it does not. */
export async function whileAnswering<T>(
  place: DockerPlace,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const silent = new AbortController()
  const gaveUp = Promise.withResolvers<never>()
  gaveUp.promise.catch(() => undefined)
  void silence(place, AbortSignal.any([signal, over.signal])).then((error) => {
    if (error === undefined) return
    silent.abort(error)
    gaveUp.reject(error)
  })
  const done = work(AbortSignal.any([signal, silent.signal]))
  done.catch(() => undefined)
  try {
    return await Promise.race([done, gaveUp.promise])
  } catch (error) {
    throw silent.signal.aborted ? silent.signal.reason : error
  } finally {
    over.abort(new Error('it is over'))
  }
}

/** Resolves when it has been silent for too long, or when nobody wants to know any more. */
async function silence(place: DockerPlace, signal: AbortSignal): Promise<StepError | undefined> {
  const { answerMs = ANSWER_MS } = place
  const everyMs = answerMs / PROBES
  try {
    await delay(Math.min(FIRST_MS, everyMs), undefined, { signal })
    for (let missed = 0; missed < PROBES; ) {
      const [answered] = await Promise.all([
        answers(place, everyMs, signal),
        delay(everyMs, undefined, { signal }),
      ])
      missed = answered ? 0 : missed + 1
    }
    return await silentError(place, answerMs)
  } catch {
    // Nobody wants to know any more.
    return undefined
  }
}

/** Any answer counts, a refusal too: who refuses is not silent. */
async function answers(place: DockerPlace, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
  const ask = ['psql', '-X', '-A', '-t', '-q', '-d', 'postgres', '-c', 'SELECT 1']
  const seconds = Math.max(1, Math.ceil(withinMs / 1000))
  try {
    const command = ['timeout', '-k', '1', `${seconds}`, ...ask]
    const { code } = await exec(place.docker, databaseOf(place), command, { signal: limit })
    return !CUT.has(code)
  } catch (error) {
    signal.throwIfAborted()
    // Where Docker is away nobody knows; whoever does the work meets that, too.
    return isDockerAway(error)
  }
}

/** In words, of a database that takes connections, or not even those, and says nothing. */
export async function silentError(place: DockerPlace, forMs: number): Promise<StepError> {
  const name = databaseOf(place)
  const found = await look(place.docker, name).catch(() => undefined)
  if (found?.State.Paused === true)
    return new StepError(
      `The database of ${place.target.name} is paused.`,
      `Let it go on (docker unpause ${name}), then do it again.`,
    )
  const words = await lastWords(place.docker, name, 5)
  return new StepError(
    `The database of ${place.target.name} has not answered for ${Math.round(forMs / 1000)} s.${words === '' ? '' : ` It last said: ${words}`}`,
    `Look at it (docker logs ${name}), start it anew (docker restart ${name}), then do it again.`,
  )
}
