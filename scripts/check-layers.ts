/** Fails on an import against the table in docs/architecture.md. */
import { execFileSync } from 'node:child_process'
import { checkLayers } from './layers.ts'

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
  encoding: 'utf8',
})
const wrong = checkLayers(process.cwd(), listed.split('\n').filter(Boolean))
for (const line of wrong) console.error(line)
if (wrong.length > 0) process.exitCode = 1
