import type { Conflict, Foreseen } from '../domain/conflicts/conflict.ts'
import { isLive } from '../domain/conflicts/parties.ts'
import type { EventEnvelope, EventType } from '../domain/events.ts'
import type { ProjectId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import type { Foresight, Outlook, WorkChanges } from './ports/foresight.ts'
import type { Scheduling } from './scheduling.ts'
import { MOST_WORKS, type Sightings, sightings } from './sightings.ts'
import type { World } from './world.ts'

/** After something happened that may have brought work together, ms. */
const SOON_MS = 1_000
/** Between looks while agents change their files; doubles up to the longest while nothing changes. */
const SHORTEST_MS = 5_000
const LONGEST_MS = 60_000
/** A look takes at most so much of one core, over time. */
const SHARE = 0.1
/**
 * What was foreseen and is not seen any more is gone when it stays away so long, ms, at two looks or more. An agent that
 * writes a file anew makes it come and go, and each time both sides would be told.
 */
const GONE_MS = 30_000
/** No merge is begun later in one look, ms. */
const BUDGET_MS = 2_000

const STIRRING: ReadonlySet<EventType> = new Set([
  'agent.started',
  'work.committed',
  'work.merged',
  'run.prepared',
])

/** Of one project in which agents work. */
interface Watch {
  /** Calls the next look off; undefined while one is under way. */
  cancel: (() => void) | undefined
  /** Engine time before which no look may begin: earlier ones have used up their share. */
  restUntil: number
  pauseMs: number
  /** Something happened meanwhile. */
  stirred: boolean
  /** What was last reported, to be compared; undefined before the first look. */
  told: string | undefined
  trouble: string | undefined
  /** Works that could not be read at the last look. */
  unread: ReadonlySet<string>
  /** Since when open conflicts, by their names, have not been seen any more, engine ms. */
  away: ReadonlyMap<string, number>
}

/**
 * Looks at work under way for conflicts to come, and reports what it sees when that changes.
 *
 * A project is asleep (nobody works in it) → (an agent starts) → waiting → (its time has come) → looking → waiting or
 * asleep. A look that fails is waiting with a longer pause; the last thing seen stands until the next one.
 */
export class Predictor {
  readonly #world: Pick<World, 'engine' | 'log'> & { readonly scheduling: Scheduling }
  readonly #foresight: Foresight
  readonly #changes: WorkChanges | undefined
  readonly #watches = new Map<ProjectId, Watch>()
  #closed = false

  constructor(
    world: Pick<World, 'engine' | 'log'> & { readonly scheduling: Scheduling },
    foresight: Foresight,
    changes?: WorkChanges,
  ) {
    this.#world = world
    this.#foresight = foresight
    this.#changes = changes
  }

  /** After a restart: agents may have run on. */
  recover(state: State): void {
    for (const project of state.projects.keys()) if (isAwake(state, project)) this.#stir(project)
  }

  published(events: readonly EventEnvelope[]): void {
    for (const { data, project } of events)
      if (project !== null && STIRRING.has(data.type)) this.#stir(project)
  }

  /** Why conflicts are not foreseen just now; null when all is well. */
  trouble(): string | null {
    const [first] = [...this.#watches.values()].flatMap(({ trouble }) => trouble ?? [])
    return first === undefined ? null : `Conflicts are not foreseen just now: ${first}`
  }

  close(): void {
    this.#closed = true
    for (const { cancel } of this.#watches.values()) cancel?.()
    this.#watches.clear()
  }

  #stir(project: ProjectId): void {
    if (this.#closed) return
    const fresh: Watch = {
      cancel: undefined,
      restUntil: 0,
      pauseMs: SHORTEST_MS,
      stirred: false,
      told: undefined,
      trouble: undefined,
      unread: new Set(),
      away: new Map(),
    }
    const known = this.#watches.get(project)
    const watch = known ?? fresh
    this.#watches.set(project, watch)
    if (known !== undefined && known.cancel === undefined) {
      known.stirred = true
      return
    }
    watch.pauseMs = SHORTEST_MS
    watch.cancel?.()
    this.#arm(project, watch, SOON_MS)
  }

  #arm(project: ProjectId, watch: Watch, ms: number): void {
    const { scheduling } = this.#world
    const wait = Math.max(ms, watch.restUntil - scheduling.now())
    watch.cancel = scheduling.after(wait, () => {
      watch.cancel = undefined
      void this.#round(project, watch)
    })
  }

  async #round(project: ProjectId, watch: Watch): Promise<void> {
    const { scheduling, engine, log } = this.#world
    const startedAt = scheduling.now()
    let changed = true
    try {
      changed = await this.#look(project, watch)
    } catch (error) {
      changed = false
      const why = error instanceof Error ? error.message : String(error)
      if (watch.trouble !== why) log(`foreseeing conflicts in ${project}: ${why}`)
      watch.trouble = why
    }
    if (this.#closed) return
    const now = scheduling.now()
    watch.restUntil = now + (now - startedAt) * (1 / SHARE - 1)
    watch.pauseMs = changed ? SHORTEST_MS : Math.min(watch.pauseMs * 2, LONGEST_MS)
    if (!watch.stirred && !isAwake(engine.state, project)) return this.#sleep(project)
    if (watch.stirred) watch.pauseMs = SHORTEST_MS
    this.#arm(project, watch, watch.stirred ? SOON_MS : watch.pauseMs)
    watch.stirred = false
  }

  #sleep(project: ProjectId): void {
    this.#watches.delete(project)
    this.#foresight.forget(project).catch((error: unknown) => {
      this.#world.log(`clearing up after ${project}: ${String(error)}`)
    })
  }

  /** False when nothing had changed since the last look, and nothing is about to. */
  async #look(project: ProjectId, watch: Watch): Promise<boolean> {
    const { engine } = this.#world
    const changes = this.#changes
    const seen = sightings(engine.state, project, (id) => changes?.wasTouched(id) ?? true)
    const { works, pairs } = seen
    if (pairs.length === 0 && !hasOpen(engine.state, project)) return false
    const outlook = await this.#foresight.look({ project, works, pairs, budgetMs: BUDGET_MS })
    if (this.#closed) return false
    const unread = [...unknownOf(seen, outlook), ...unseen(engine.state, project, seen)]
    const unsure = this.#unsure(project, watch, [...unread, ...partiesOfAll(seen, outlook)])
    const unknown = [...unread, ...unsure]
    const summary = JSON.stringify([told(seen, outlook.conflicts), unknown])
    if (summary !== watch.told) {
      const foreseen = await this.#foreseen(project, seen, outlook)
      if (this.#closed) return false
      await engine.report({ type: 'report.predicted', project, foreseen, unknown })
      watch.told = summary
    }
    const more =
      seen.left === 0 ? undefined : `only ${MOST_WORKS} agents at work are looked at, ${seen.left} are not`
    // A clone that is being made or removed cannot be read for a moment.
    const lasting = outlook.unread.find(({ id }) => watch.unread.has(id))
    watch.unread = new Set(outlook.unread.map(({ id }) => id))
    watch.trouble = more ?? lasting?.why
    return outlook.cost.known < outlook.cost.pairs || unsure.length > 0
  }

  /** Whose conflict may be gone: it is not among those seen or unread now, and was a moment ago. */
  #unsure(
    project: ProjectId,
    watch: Watch,
    there: readonly (readonly string[])[],
  ): readonly (readonly string[])[] {
    const { engine, scheduling } = this.#world
    const { state } = engine
    const now = scheduling.now()
    const away = new Map<string, number>()
    const unsure: (readonly string[])[] = []
    for (const { id, parties, recommendation } of openOf(state, project)) {
      const live = parties.filter((holder) => isLive(state, holder))
      // Where one has been merged meanwhile, it is another conflict, or none.
      if (live.length < parties.length && recommendation.action !== 'merge') continue
      if (there.some((one) => isSame(one, live))) continue
      const since = watch.away.get(id) ?? now
      if (now - since >= GONE_MS) continue
      away.set(id, since)
      unsure.push(live)
    }
    watch.away = away
    return unsure
  }

  async #foreseen(project: ProjectId, seen: Sightings, { conflicts }: Outlook): Promise<readonly Foreseen[]> {
    const all: Foreseen[] = []
    for (const { pair, files } of conflicts) {
      const patches: Foreseen['patches'][number][] = []
      for (const id of pair.map((place) => seen.works[place]!.id)) {
        const patch = await this.#foresight.evidence(project, id, files)
        patches.push({ holder: asParty(id), hash: patch?.hash ?? null, bytes: patch?.bytes ?? 0 })
      }
      all.push({ parties: partiesOf(seen, pair), files, patches })
    }
    return all
  }
}

/** Somebody works in it, or something is still said to be coming. */
function isAwake(state: State, project: ProjectId): boolean {
  return sightings(state, project).works.length > 0 || hasOpen(state, project)
}

function hasOpen(state: State, project: ProjectId): boolean {
  return openOf(state, project).length > 0
}

function openOf(state: State, project: ProjectId): readonly Conflict[] {
  const conflicts = state.projects.get(project)?.conflicts ?? []
  return conflicts.filter(({ cause, resolution }) => cause === 'predicted' && resolution === null)
}

function told(seen: Sightings, conflicts: Outlook['conflicts']): readonly unknown[] {
  return conflicts.map(({ pair, files }) => [partiesOf(seen, pair), files])
}

function partiesOfAll(seen: Sightings, { conflicts }: Outlook): readonly (readonly string[])[] {
  return conflicts.map(({ pair }) => partiesOf(seen, pair))
}

function unknownOf(seen: Sightings, { unknown }: Outlook): readonly (readonly string[])[] {
  return unknown.map((pair) => partiesOf(seen, pair))
}

/** What is said to be coming of agents that were not looked at. */
function unseen(state: State, project: ProjectId, { works }: Sightings): readonly (readonly string[])[] {
  return openOf(state, project).flatMap(({ parties }) => {
    const live = parties.filter((holder) => isLive(state, holder))
    return live.every((holder) => works.some(({ id }) => id === holder)) ? [] : [live]
  })
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one))
}

/** Without the branch of a run, which is nobody. */
function partiesOf({ works }: Sightings, pair: readonly [number, number]): readonly string[] {
  return pair.flatMap((place) => asParty(works[place]!.id) ?? [])
}

function asParty(id: string): string | null {
  return id.endsWith('/') ? null : id
}
