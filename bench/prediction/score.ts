import { median, quantile } from '../support/stats.ts'

/** What was said of one merge while its two branches were being written again. */
export interface Replayed {
  /** The merge's commit. */
  readonly merge: string
  /** Does git merge the two branches with a conflict? */
  readonly conflicts: boolean
  /** Somebody had to do more than git: a conflict, or the recorded merge is not what git makes of it. */
  readonly byHand: boolean
  /** In order; the last one is when all was written. */
  readonly moments: readonly Moment[]
}

export interface Moment {
  /** Share of the writes of both branches that were done, 0 to 1. */
  readonly done: number
  /** Merged in memory: do they conflict as they are now? */
  readonly merged: boolean
  /** The naive way: has one path been changed by both? */
  readonly overlap: boolean
}

export type Way = 'merged' | 'overlap'

export interface Rates {
  readonly right: number
  readonly wrong: number
  readonly missed: number
  /** NaN where nothing was said. */
  readonly precision: number
  /** NaN where there was nothing to say. */
  readonly recall: number
}

/** `when`: what is said when this share of the work is done, or whether anything was said before all was. */
export function rates(
  replayed: readonly Replayed[],
  way: Way,
  when: number | 'before the end',
  truth: 'conflicts' | 'byHand' = 'conflicts',
): Rates {
  let [right, wrong, missed] = [0, 0, 0]
  for (const one of replayed) {
    const said = when === 'before the end' ? saidEarly(one, way) : saidAt(one, way, when)
    if (said && one[truth]) right++
    else if (said) wrong++
    else if (one[truth]) missed++
  }
  return { right, wrong, missed, precision: right / (right + wrong), recall: right / (right + missed) }
}

function saidAt({ moments }: Replayed, way: Way, share: number): boolean {
  return moments.findLast(({ done }) => done <= share + 1e-9)?.[way] ?? false
}

function saidEarly({ moments }: Replayed, way: Way): boolean {
  return moments.slice(0, -1).some((moment) => moment[way])
}

/** Of the merges that do conflict: the share of the work done when that was first said and never taken back. */
export function seenAt(replayed: readonly Replayed[], way: Way): readonly number[] {
  return replayed.flatMap(({ conflicts, moments }) => {
    if (!conflicts) return []
    const lastNo = moments.findLastIndex((moment) => !moment[way])
    const first = moments[lastNo + 1]
    return first === undefined ? [] : [first.done]
  })
}

const percent = (share: number): string => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`)

function describeRates({ right, wrong, missed, precision, recall }: Rates): string {
  return `precision ${percent(precision)}, recall ${percent(recall)} (${right} right, ${wrong} wrong, ${missed} missed)`
}

const SHARES = [0.25, 0.5, 0.75, 0.9, 1] as const

export function describeScore(
  replayed: readonly Replayed[],
  options: { readonly byHand: boolean },
): readonly string[] {
  const lines: string[] = []
  const names = { merged: 'merged in memory', overlap: 'same files alone' } as const
  for (const way of ['merged', 'overlap'] as const) {
    lines.push(
      `${names[way]}, at any moment before the end: ${describeRates(rates(replayed, way, 'before the end'))}`,
    )
    for (const share of SHARES) {
      lines.push(
        `  with ${percent(share).replace('.0', '')} of the work done: ${describeRates(rates(replayed, way, share))}`,
      )
    }
    if (options.byHand) {
      lines.push(`  against what took a hand, all done: ${describeRates(rates(replayed, way, 1, 'byHand'))}`)
    }
    const seen = seenAt(replayed, way)
    if (seen.length > 0) {
      const [first, third] = [quantile(seen, 0.25), quantile(seen, 0.75)]
      lines.push(
        `  conflicts seen for good with ${percent(median(seen))} of the work done (median; quartiles ${percent(first)}, ${percent(third)})`,
      )
    }
  }
  return lines
}
