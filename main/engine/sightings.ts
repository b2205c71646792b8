import type { AttemptId, ProjectId } from '../domain/ids.ts'
import { attemptId } from '../domain/ids.ts'
import type { Attempt, Run, State } from '../domain/state.ts'
import type { WorkInSight } from './ports/foresight.ts'

/** Which work of a project is under way and will meet at a merge. */
export interface Sightings {
  readonly works: readonly WorkInSight[]
  /** By their places in `works`. */
  readonly pairs: readonly (readonly [number, number])[]
  /** Attempts beyond MOST_WORKS, which are not looked at. */
  readonly left: number
}

/** Attempts of a project that are looked at: pairs grow with their square. */
export const MOST_WORKS = 64

/**
 * Every two attempts that are under way, write, and are not merged yet: no order between them is left, since who needs
 * another's work begins after its merge. And each of them with the branch of its run, which has moved on since its clone
 * was cut. Empty where nobody works.
 */
export function sightings(
  state: State,
  project: ProjectId,
  wasTouched: (attempt: AttemptId) => boolean = () => true,
): Sightings {
  const works: WorkInSight[] = []
  let left = 0
  const places: { readonly run: Run; readonly place: number; readonly cut: string }[] = []
  for (const run of state.runs.values()) {
    if (run.project !== project || run.plan.prediction?.action === 'none') continue
    let task = -1
    for (const { current } of run.tasks) {
      task++
      const work = current === null ? undefined : workOf(run, task, current, wasTouched)
      if (work === undefined) continue
      if (works.length >= MOST_WORKS) {
        left++
        continue
      }
      places.push({ run, place: works.length, cut: current!.cut!.commit })
      works.push(work)
    }
  }
  const between = places.flatMap(({ place }, i) =>
    places.slice(i + 1).map((other): readonly [number, number] => [place, other.place]),
  )
  const tips = new Map<Run, number>()
  const withTips = places.flatMap(({ run, place, cut }): (readonly [number, number])[] => {
    if (run.tip === null || run.tip === cut || run.tip === run.base) return []
    const tip = tips.get(run) ?? works.length
    if (tip === works.length) works.push({ kind: 'fixed', id: tipId(run), commit: run.tip })
    tips.set(run, tip)
    return [[place, tip]]
  })
  return { works, pairs: [...withTips, ...between], left }
}

/** What the branch of a run is called among works. */
function tipId(run: Pick<Run, 'id'>): string {
  return `${run.id}/`
}

function workOf(
  run: Run,
  task: number,
  attempt: Attempt,
  wasTouched: (attempt: AttemptId) => boolean,
): WorkInSight | undefined {
  const { id: name, writes, workspace } = run.plan.tasks[task]!
  const { cut, commit, state, startedAt } = attempt
  if (workspace === 'none' || writes.length === 0 || cut === null) return undefined
  const id = attemptId(run.id, name, attempt.n)
  if (commit !== null) return { kind: 'fixed', id, commit }
  if (startedAt === null || state === 'TERMINATED') return undefined
  const { project, root } = run
  const touched = wasTouched(id)
  return { kind: 'live', project, run: run.id, root, id, cut: cut.commit, writes, touched }
}
