import { defineConfig } from 'vitest/config'

/**
 * Two suites: `unit` runs anywhere, `docker` needs a Docker engine and the agent image. `npm test` chooses
 * (scripts/test.ts); docs/testing.md gives the budgets.
 */
const docker = ['main/runners/docker/**/*.test.ts', 'e2e/**/*.test.ts', 'main/**/*.e2e.test.ts']

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'main/**/*.test.ts',
            'renderer/**/*.test.ts',
            'simulator/**/*.test.ts',
            'bench/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: docker,
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
          testTimeout: 180_000,
          hookTimeout: 180_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
    ],
  },
})
