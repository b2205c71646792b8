import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Random } from '../../simulator/random.ts'
import { type Prediction, predict } from '../prediction/predict.ts'
import { describeScore } from '../prediction/score.ts'
import { syntheticHistory } from '../prediction/synthetic.ts'
import type { BenchOptions, Comparison } from '../support/figure.ts'
import { median, pairedRatio } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const SEED = 8
const MOMENTS = 16

/** How well conflicts are seen before they happen, and what a pair costs, on a made-up history. */
export async function prediction({ quick, progress }: BenchOptions): Promise<readonly Comparison[]> {
  const merges = quick ? 48 : 192
  const found = await inTemporaryFolder(async (folder) => {
    const repository = join(folder, 'repository')
    writeHistory(repository, syntheticHistory(new Random(SEED), merges))
    return predict(folder, { repository, merges, moments: MOMENTS, progress })
  })
  return [
    comparison(`conflicts seen before they happen, synthetic history, seed ${SEED}`, found, {
      byHand: false,
    }),
  ]
}

/** The same on the merges of a repository. */
export async function predictionOf(
  repository: string,
  merges: number,
  { progress }: Pick<BenchOptions, 'progress'>,
): Promise<Comparison> {
  const found = await inTemporaryFolder((folder) =>
    predict(folder, { repository, merges, moments: MOMENTS, progress }),
  )
  return comparison(`conflicts seen before they happen, ${repository}`, found, { byHand: true })
}

export function writeHistory(repository: string, stream: string): void {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository])
  execFileSync('git', ['--git-dir', repository, 'fast-import', '--quiet', '--done'], { input: stream })
}

function comparison(
  what: string,
  { replayed, left, cost }: Prediction,
  options: { byHand: boolean },
): Comparison {
  const conflicts = replayed.filter((one) => one.conflicts).length
  const passed = Object.entries(left).map(([why, count]) => `${count} ${why}`)
  return {
    figure: null,
    what,
    unit: 'ms a pair',
    ours: { name: 'looking again at what changed', value: median(cost.oursMs) },
    other: { name: 'git merge-tree for every pair', value: median(cost.plainMs) },
    ratio: pairedRatio(cost.oursMs, cost.plainMs),
    target: null,
    how: `${replayed.length} merges, 16 at a time, at most ${MOMENTS} looks at each; in turn, the same verdict in all ${cost.pairs} pairs`,
    notes: [
      `of all pairs ${cost.apart} could not clash, ${cost.known} were known, ${cost.merged} were merged`,
      `${conflicts} of ${replayed.length} merges conflict; left out: ${passed.join(', ')}`,
      ...describeScore(replayed, options),
    ],
  }
}
