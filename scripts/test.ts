import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from '../e2e/ui/support/chromium.ts'
import { processOutput } from '../main/cli/output.ts'
import { probeDocker } from './machine.ts'
import { electronBinary, found, hasDisplay } from './support.ts'

/**
 * `npm test`: runs what this machine can run and says loudly what it leaves out and why. With CI set nothing may be
 * left out but the run in the real Electron where its program is missing. Arguments go on to vitest, for instance
 * `npm test -- main/domain`.
 */
const strict = process.env['CI'] !== undefined && process.env['CI'] !== 'false'
const out = processOutput(process, process.env, false)

interface Suite {
  readonly projects: readonly string[]
  /** Why it is left out, with the remedy; undefined where it runs. */
  readonly skipped?: string
  readonly may?: boolean
}

const suites: readonly Suite[] = [
  { projects: ['pure', 'unit', 'process'] },
  await docker(),
  await browser(),
  await desktop(),
]
const skipped = suites.filter((suite) => suite.skipped !== undefined)
for (const { projects, skipped: why } of skipped) console.log(`SKIPPED ${projects.join(', ')}: ${why}`)
if (strict && skipped.some(({ may }) => may !== true)) {
  console.error('CI is set, so nothing may be skipped.')
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-test-'))
const report = join(folder, 'report.json')
const projects = suites.filter((suite) => suite.skipped === undefined).flatMap((suite) => suite.projects)
const result = spawnSync(
  process.execPath,
  [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...projects.flatMap((name) => ['--project', name]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { ...process.env, ...browserEnv() } },
)
closingLine(report)
for (const { projects: names, skipped: why } of skipped) console.log(`SKIPPED ${names.join(', ')}: ${why}`)
rmSync(folder, { recursive: true, force: true })
process.exit(result.status ?? 1)

/** The stand-in for Electron and the journeys are to take the one that was told. */
function browserEnv(): Readonly<Record<string, string>> {
  const found = findChromium()
  return found === undefined ? {} : { CHROMIUM: found, AMPHITHEATRE_CHROMIUM: found }
}

async function docker(): Promise<Suite> {
  const probe = await probeDocker((line) => console.log(`  ${line}`))
  if (probe.usable) {
    await found(out, 'done', 'Docker', probe.version)
    return { projects: ['docker'] }
  }
  await found(out, 'needs-you', 'Docker', probe.reason)
  return { projects: ['docker'], skipped: `${probe.reason.replace(/\.$/, '')}. ${probe.remedy}` }
}

/** Its journeys need Docker too; where there is none they use processes. */
async function browser(): Promise<Suite> {
  const chromium = findChromium()
  if (chromium !== undefined) {
    await found(out, 'done', 'Browser', chromium)
    return { projects: ['browser'] }
  }
  await found(out, 'needs-you', 'Browser', 'no Chromium was found')
  const remedy = 'Install Chromium or Chrome, or name it in AMPHITHEATRE_CHROMIUM.'
  return { projects: ['browser'], skipped: `no Chromium was found. ${remedy}` }
}

async function desktop(): Promise<Suite> {
  const program = electronBinary()
  if (program !== undefined && hasDisplay(process.env)) {
    await found(out, 'done', 'Electron', program)
    return { projects: ['desktop'] }
  }
  const why = program === undefined ? 'Electron’s program is not here' : 'there is no display'
  const remedy = program === undefined ? 'Fetch it: npx install-electron.' : 'Run under xvfb-run.'
  await found(out, 'needs-you', 'Electron', `${why}; the stand-in is tested`)
  return { projects: ['desktop'], skipped: `${why}. ${remedy}`, may: true }
}

/** One line that any tool can read. */
function closingLine(file: string): void {
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
      readFileSync(file, 'utf8'),
    ) as Record<string, number>
    console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`)
  } catch {
    console.log('0 passed, 1 failed')
  }
}
