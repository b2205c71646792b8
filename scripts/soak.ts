import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * `npm run soak [seeds|properties|kills|messages|containers|outcomes|daemon]`: the long forms of the reliability tests. Hours, not minutes. A failing
 * seed is printed; AMPHITHEATRE_SEED=<n> plays it again.
 */
const SUITES: Readonly<
  Record<string, { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }>
> = {
  seeds: { args: ['--project', 'unit', 'simulator'], env: { AMPHITHEATRE_SOAK: '1' } },
  properties: { args: ['--project', 'pure', 'main/domain'], env: { AMPHITHEATRE_PROPERTY_FACTOR: '100' } },
  kills: { args: ['--project', 'docker', 'e2e/killed.test.ts'], env: { AMPHITHEATRE_KILLS: '1000' } },
  messages: { args: ['--project', 'unit', 'main/bus'], env: { R9_MESSAGES: '1000000' } },
  containers: {
    args: ['--project', 'docker', 'main/runners/docker'],
    env: { AMPHITHEATRE_CONTAINERS: '10000' },
  },
  outcomes: {
    args: [
      '--project',
      'docker',
      ...['outcomes', 'killed', 'migrating', 'fullDatabase'].map((name) => `main/points/${name}.e2e.test.ts`),
    ],
    env: { AMPHITHEATRE_SOAK: '1' },
  },
  daemon: {
    args: ['--project', 'docker', 'e2e/daemon.test.ts'],
    env: { AMPHITHEATRE_DAEMON_CYCLES: '100' },
  },
}

const chosen = process.argv.slice(2)
for (const name of chosen) {
  if (!(name in SUITES)) {
    console.error(`There is no suite ${name}; there are ${Object.keys(SUITES).join(', ')}.`)
    process.exit(2)
  }
}
let failed = false
for (const [name, { args, env }] of Object.entries(SUITES)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  console.log(`soak: ${name}`)
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  const limits = ['--testTimeout', String(12 * 3_600_000), '--hookTimeout', '600000']
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...args, ...limits], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  failed ||= status !== 0
}
process.exitCode = failed ? 1 : 0
