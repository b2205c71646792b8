import type { AgentSpec } from '../../engine/ports/runner.ts'
import { createProcessRunner } from './runner.ts'
import { TEST_UID } from './testBench.ts'

/** An engine to be killed: starts one agent, says so, and stays. */
const { install, dataDir, spec } = JSON.parse(process.argv[2]!) as {
  readonly install: string
  readonly dataDir: string
  readonly spec: AgentSpec
}
const runner = createProcessRunner({ install, dataDir, uid: TEST_UID, gid: TEST_UID })
await runner.start(spec)
console.log('started')
await runner.wait(spec.attempt, AbortSignal.timeout(60_000))
