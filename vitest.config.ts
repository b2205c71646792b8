import { defineConfig } from 'vitest/config'

/**
 * Suites: `unit` runs anywhere, `docker` needs a Docker engine and the agent image, `browser` needs Chromium (its
 * journeys need Docker too). `npm test` chooses (scripts/test.ts); docs/testing.md gives the budgets.
 */
const withoutDocker = [
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

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'main/**/*.test.ts',
            'simulator/**/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
            'renderer/**/*.test.ts',
            ...withoutDocker,
          ],
          exclude: ['main/runners/docker/**', 'main/targets/docker/**', 'main/**/*.e2e.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'docker',
          include: docker,
          exclude: [...withoutDocker, ...browser],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'browser',
          include: browser,
          exclude: desktop,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'desktop',
          include: desktop,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          pool: 'forks',
          maxWorkers: 1,
        },
      },
    ],
  },
})
