import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { makePrivateFolder, privateTempFolder } from './main/api/localAddress.ts'

cacheCompiledCode()

/**
 * Suites: `pure` and `unit` run anywhere, `process` drives whole engines whose agents are processes, `docker` needs a
 * Docker engine and the agent image, `browser` needs Chromium (its journeys need Docker too). `npm test` chooses
 * (scripts/test.ts); docs/testing.md gives the budgets.
 */
const processes = [
  'e2e/sampleProcess.test.ts',
  'e2e/killedProcess.test.ts',
  'e2e/demo.test.ts',
  'e2e/byHand.test.ts',
  'e2e/alerts.test.ts',
  'e2e/schedules.test.ts',
]
const browser = ['e2e/ui/**/*.test.ts', 'e2e/desktop/**/*.test.ts']
const desktop = ['e2e/desktop/realElectron.test.ts']
const docker = [
  'main/runners/docker/**/*.test.ts',
  'main/targets/docker/**/*.test.ts',
  'e2e/**/*.test.ts',
  'main/**/*.e2e.test.ts',
]
const pure = ['main/domain/**/*.test.ts', 'main/config/**/*.test.ts', 'renderer/**/*.test.ts']
/** Stands in for the page's globals, so each file wants a worker of its own. */
const stubbing = ['renderer/src/bridge/**']

/** What takes a minute or so, longest first: begun last, one of them would go on alone. */
const LONG = [
  'e2e/rollback.test.ts',
  'main/points/killed.e2e.test.ts',
  'main/points/outcomes.e2e.test.ts',
  'e2e/killed.test.ts',
  'e2e/daemon.test.ts',
  'e2e/ui/views.test.ts',
  'e2e/ui/storefront.test.ts',
  'e2e/restoreTests.test.ts',
  'e2e/targets.test.ts',
  'e2e/storefront.test.ts',
  'main/points/hanging.e2e.test.ts',
  'e2e/mergeQueue.test.ts',
  'e2e/ui/releases.test.ts',
  'e2e/locks.test.ts',
  'e2e/schedules.test.ts',
  'e2e/alerts.test.ts',
  'e2e/demo.test.ts',
  'e2e/sampleProcess.test.ts',
  'e2e/killedProcess.test.ts',
  'e2e/gates.test.ts',
  'e2e/byHand.test.ts',
  'e2e/sample.test.ts',
  'main/points/held.e2e.test.ts',
  'main/points/rolling.e2e.test.ts',
  'e2e/desktop/program.test.ts',
  'e2e/publicPackage.test.ts',
  'e2e/ui/incidents.test.ts',
  'main/points/aside.e2e.test.ts',
  'main/points/takeDown.e2e.test.ts',
  'e2e/desktop/contract.test.ts',
  'main/targets/docker/deploy.test.ts',
  'e2e/badLuck.test.ts',
  'e2e/talk.test.ts',
  'main/cli/run.e2e.test.ts',
  'e2e/ui/gates.test.ts',
]

/**
 * Programs that tests start, hundreds of times, load in half the time what one of them has compiled before. `amphi` does
 * so by itself, in the same place.
 */
function cacheCompiledCode(): void {
  try {
    makePrivateFolder(privateTempFolder())
    process.env['NODE_COMPILE_CACHE'] ??= join(privateTempFolder(), 'code')
  } catch {
    // Only slower without.
  }
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((file) => moduleId.endsWith(`/${file}`))
      return at < 0 ? LONG.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

/** Busy all the time: as many as there are cores in CI. */
const computing = { pool: 'forks', maxWorkers: 2, sequence: { groupOrder: 0 } } as const
/** For the most part they wait for containers, agents and pages. */
const waiting = { pool: 'forks', maxWorkers: 3, sequence: { groupOrder: 1 } } as const
const short = { testTimeout: 60_000, hookTimeout: 60_000 }
const long = { testTimeout: 180_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    reporters: ['default'],
    sequence: { sequencer: LongestFirst },
    projects: [
      // Nothing of one file can reach another, so that a worker keeps what it has loaded.
      { test: { name: 'pure', include: pure, exclude: stubbing, isolate: false, ...long, ...computing } },
      {
        test: {
          name: 'unit',
          include: [
            'main/**/*.test.ts',
            'simulator/**/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
            'renderer/src/bridge/**/*.test.ts',
          ],
          exclude: [
            'main/domain/**',
            'main/config/**',
            'main/runners/docker/**',
            'main/targets/docker/**',
            'main/**/*.e2e.test.ts',
          ],
          ...short,
          ...computing,
        },
      },
      { test: { name: 'process', include: processes, ...long, ...waiting } },
      { test: { name: 'docker', include: docker, exclude: [...processes, ...browser], ...long, ...waiting } },
      { test: { name: 'browser', include: browser, exclude: desktop, ...long, ...waiting } },
      {
        test: {
          name: 'desktop',
          include: desktop,
          ...long,
          pool: 'forks',
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
