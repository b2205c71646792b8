import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bringBack, isKeptUp, labelOf, look, putAway } from '../targets/docker/containers.ts'
import { type DockerPlace, nameOfPart } from '../targets/docker/place.ts'
import { currentOrders, drained, ensureProxy, order, type Upstream } from '../targets/docker/proxy.ts'
import { untilHealthy } from '../targets/docker/service.ts'
import { writeDurably } from './files.ts'
import { PointError } from './pointError.ts'
import type { Hold, HoldEnd } from './tools.ts'

/** Requests wait so long for what comes next, counted from when it was held; then they are refused at once. */
export const HOLD_MS = 10 * 60_000
const DRAIN_MS = 10_000
const STOP_GRACE_S = 10

/** Who was held and by whom: in the target's folder until something answers again. */
export interface HeldNote {
  readonly upstream: Upstream
  readonly run: string
  /** The run that put other data in the place of those that belong to what answered; null while they are untouched. */
  readonly exchangedBy: string | null
  /** When it was held first; wall clock, ms. */
  readonly at: number
  /** It was to be let go, and that did not come off: whoever looks next tries again. */
  readonly left?: boolean
}

/** One at a time for each place: steps of a rollback, and who lets go of what is held by a run that ended. */
const turns = new Map<string, Promise<unknown>>()

async function inTurn<T>({ folder }: DockerPlace, work: () => Promise<T>): Promise<T> {
  const before = turns.get(folder) ?? Promise.resolve()
  const mine = before.then(work, work)
  const settled = mine.catch(() => undefined)
  turns.set(folder, settled)
  try {
    return await mine
  } finally {
    if (turns.get(folder) === settled) turns.delete(folder)
  }
}

/**
 * Requests wait at the proxy, those under way are answered, then what answered is stopped: it writes no more. Commands
 * of the project's own (`hook`) run where the service is: that runs on.
 */
export function dockerHold(place: DockerPlace): Hold {
  const { database } = place.target
  const stops = database !== null && database.kind !== 'hook'
  const hold = async (run: string, signal: AbortSignal, say: (line: string) => void): Promise<void> => {
    const { upstream } = await currentOrders(place)
    const known = await readHeld(place)
    const at = Date.now()
    if (upstream !== null) await writeHeld(place, { upstream, run, exchangedBy: null, at })
    else if (known !== undefined && (known.run !== run || known.left === true))
      await writeHeld(place, { ...known, run, at, left: false })
    const held = upstream ?? known?.upstream
    if (held === undefined) return
    await ensureProxy(place)
    await order(place, { upstream: null, holdMs: HOLD_MS, idle: `${held.host}:${held.port}` }, signal)
    await drained(place, held, DRAIN_MS, signal)
    if (stops) await stopped(place, held)
    say(`${held.host} is held`)
  }
  const refuse = async (signal: AbortSignal): Promise<HoldEnd> => {
    await order(place, { upstream: null, holdMs: 0 }, signal)
    return { is: 'refusing' }
  }
  return {
    hold: (run, signal, say) => inTurn(place, () => hold(run, signal, say)),
    exchanging: (run, signal, say) =>
      inTurn(place, async () => {
        await hold(run, signal, say)
        const known = await readHeld(place)
        if (known?.exchangedBy === null) await writeHeld(place, { ...known, exchangedBy: run })
      }),
    notExchanged: (run) =>
      inTurn(place, async () => {
        const known = await readHeld(place)
        if (known?.exchangedBy === run) await writeHeld(place, { ...known, exchangedBy: null })
      }),
    open: (signal) =>
      inTurn(place, async () => {
        const { upstream } = await currentOrders(place)
        const known = await readHeld(place)
        if (upstream === null && known !== undefined) await letIn(place, known.upstream, signal)
        await rm(notePath(place), { force: true })
      }),
    letGo: (signal) =>
      inTurn(place, async () => {
        const known = await heldNow(place)
        if (known === undefined) return { is: 'not-held' }
        if (known.exchangedBy !== null) return refuse(signal)
        try {
          const version = await letIn(place, known.upstream, signal)
          await rm(notePath(place), { force: true })
          return { is: 'opened', version }
        } catch (error) {
          if (known.left !== true) await writeHeld(place, { ...known, left: true })
          throw error
        }
      }),
    look: () =>
      inTurn(place, async () => {
        const known = await heldNow(place)
        if (known === undefined) return null
        const { holdMs } = await currentOrders(place)
        const refusing = holdMs === 0
        const expired = !refusing && Date.now() - known.at > HOLD_MS
        return { run: known.run, refusing, expired, left: known.left === true }
      }),
  }
}

/** Looked at first: every step that needs it held makes sure of it, and only the first finds it running. */
async function stopped(place: DockerPlace, held: Upstream): Promise<void> {
  const name = nameOfPart(place, held.host)
  const found = await look(place.docker, name)
  if (found !== undefined && (found.State.Running || isKeptUp(found)))
    await putAway(place.docker, name, STOP_GRACE_S)
}

/** What answers is started again, if need be, and asked before requests go to it. Resolves to its version. */
async function letIn(place: DockerPlace, held: Upstream, signal: AbortSignal): Promise<string> {
  const name = nameOfPart(place, held.host)
  const found = await look(place.docker, name)
  if (found === undefined)
    throw new PointError(`What answered at ${place.target.name} (${name}) is gone.`, 'Deploy anew.')
  await bringBack(place.docker, name, found)
  await untilHealthy(place, name, held, place.spec.service, signal)
  signal.throwIfAborted()
  await order(place, { upstream: held, holdMs: 0 }, signal)
  return labelOf(found, 'version') ?? 'what answered before'
}

const notePath = ({ folder }: DockerPlace): string => join(folder, 'held.json')

/** What is noted counts only while nothing answers: something else may have been released meanwhile. */
async function heldNow(place: DockerPlace): Promise<HeldNote | undefined> {
  const known = await readHeld(place)
  if (known === undefined || (await currentOrders(place)).upstream === null) return known
  await rm(notePath(place), { force: true })
  return undefined
}

export async function readHeld(place: DockerPlace): Promise<HeldNote | undefined> {
  const text = await readFile(notePath(place), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const note = JSON.parse(text) as HeldNote | Upstream
  // Written before it was noted by whom: whether the data are those of then is not known.
  return 'upstream' in note ? note : { upstream: note, run: '', exchangedBy: 'unknown', at: 0 }
}

function writeHeld(place: DockerPlace, note: HeldNote): Promise<void> {
  return writeDurably(notePath(place), JSON.stringify(note))
}
