import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan } from '../../main/domain/plan.ts'
import { type BenchHost, openBenchHost } from '../support/benchHost.ts'
import { dockerTrouble, TEST_IMAGE } from '../support/docker.ts'
import type { BenchOptions, Result } from '../support/figure.ts'
import { benchPlan } from '../support/plans.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const TASKS = 8
const CHECK_S = 1

interface Measured {
  readonly ms: number
  readonly checks: number
}

/** Eight agents whose work is checked before it is merged: together, beside one by one. */
export async function merging(options: BenchOptions): Promise<readonly Result[]> {
  const what = `${TASKS} merges with a check of ${CHECK_S} s`
  const why = await dockerTrouble()
  if (why !== null) return [{ figure: null, what, why }]
  const rounds = options.quick ? 2 : 5
  return inTemporaryFolder(async (folder) => {
    const root = join(folder, 'repository')
    makeRepository(root)
    const bench = await openBenchHost(folder, root)
    try {
      const { ours, other, culprit } = await inTurn(
        {
          ours: () => measure(bench, checkedPlan(TASKS, `sleep ${CHECK_S}`)),
          other: () => measure(bench, checkedPlan(1, `sleep ${CHECK_S}`)),
          // The one that fails is allowed to, so that the run completes.
          culprit: () => measure(bench, checkedPlan(TASKS, `sleep ${CHECK_S}; test ! -f t${TASKS - 1}.txt`)),
        },
        { rounds, warmUp: 1 },
      )
      const ms = (all: readonly Measured[]): readonly number[] => all.map((one) => one.ms)
      const checks = (all: readonly Measured[]): number => median(all.map((one) => one.checks))
      return [
        {
          figure: null,
          what,
          unit: 'ms',
          ours: { name: `in batches of at most ${TASKS}`, value: median(ms(ours)) },
          other: { name: 'one by one', value: median(ms(other)) },
          ratio: pairedRatio(ms(ours), ms(other)),
          target: null,
          how: `${rounds} rounds in turn after one to warm up; the whole run, agents and clones included`,
          notes: [
            `checks: ${checks(ours)} beside ${checks(other)}`,
            `with one that breaks the check: ${checks(culprit)} checks, ${median(ms(culprit)).toFixed(0)} ms`,
          ],
        },
      ]
    } finally {
      await bench.close()
    }
  })
}

async function measure({ host, run }: BenchHost, plan: Plan): Promise<Measured> {
  const ms = await timed(() => run(plan))
  const [row] = await host.center.runs({ limit: 1 })
  const events = await host.center.history({ after: 0, limit: 100_000, run: row!.run })
  return { ms, checks: events.filter(({ type }) => type === 'merge.check-started').length }
}

function checkedPlan(batch: number, run: string): Plan {
  const tasks = Array.from({ length: TASKS }, (_, i) => ({
    id: `t${i}`,
    run: `echo done > t${i}.txt`,
    workspace: 'repo' as const,
  }))
  const plan = benchPlan(tasks, { slots: TASKS, image: TEST_IMAGE })
  return {
    ...plan,
    tasks: plan.tasks.map((spec) => ({ ...spec, writes: [`${spec.id}.txt`], allowFailure: true })),
    merge: { check: { run, image: null, network: 'none', timeoutMs: 60_000 }, batch },
  }
}

function makeRepository(root: string): void {
  mkdirSync(root)
  writeFileSync(join(root, 'README'), 'eight files to come\n')
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: root, stdio: 'ignore' })
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('-c', 'user.name=Bench', '-c', 'user.email=bench@example.invalid', 'commit', '-q', '-m', 'first')
}
