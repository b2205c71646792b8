import { defineConfig } from 'vitest/config'

/** The desktop's own run: `npm run test:desktop`. In a real Electron where its binary is, in the stand-in anywhere. */
export default defineConfig({
  test: {
    include: ['e2e/desktop/**/*.test.ts'],
    root: new URL('../..', import.meta.url).pathname,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
