import { createWriteStream, globSync, mkdirSync } from 'node:fs'
import { run } from 'node:test'
import { junit, spec } from 'node:test/reporters'
import { output } from './lib/output.ts'

/** `run-tests.ts unit` runs `tests/unit`, shows the results and keeps them as `reports/unit.xml` (JUnit). */
const suite = process.argv[2] ?? 'unit'
const files = globSync(`tests/${suite}/*.test.ts`)
if (files.length === 0) throw new Error(`there are no tests in tests/${suite}`)

const events = run({ files, concurrency: true })
let [passed, failed] = [0, 0]
events.on('test:pass', ({ details }) => {
  if (details.type !== 'suite') passed += 1
})
events.on('test:fail', () => {
  failed += 1
})
events.once('end', () => {
  output({ passed, failed })
  if (failed > 0 || passed === 0) process.exitCode = 1
})
mkdirSync('reports', { recursive: true })
events.compose(spec).pipe(process.stdout)
events.compose(junit).pipe(createWriteStream(`reports/${suite}.xml`))
