import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { probeDocker } from './machine.ts'

/**
 * `npm test`: runs what this machine can run and says loudly what it leaves out and why. With CI set nothing may be
 * left out. Arguments go on to vitest, for instance `npm test -- main/domain`.
 */
const strict = process.env['CI'] !== undefined && process.env['CI'] !== 'false'
const docker = await probeDocker((line) => console.log(`  ${line}`))
const projects = ['unit', ...(docker.usable ? ['docker'] : [])]
const skipped = docker.usable ? [] : [`docker: ${docker.reason}. ${docker.remedy}`]

for (const line of skipped) console.log(`SKIPPED ${line}`)
if (strict && skipped.length > 0) {
  console.error('CI is set, so nothing may be skipped.')
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-test-'))
const report = join(folder, 'report.json')
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
  { stdio: 'inherit' },
)
closingLine(report)
for (const line of skipped) console.log(`SKIPPED ${line}`)
rmSync(folder, { recursive: true, force: true })
process.exit(result.status ?? 1)

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
