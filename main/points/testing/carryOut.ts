import { readFileSync } from 'node:fs'
import type { ActionSpec } from '../../targets/actions.ts'
import { createTargets } from '../../targets/createTargets.ts'
import { pointsFor } from './rolling.ts'

/** A program to be killed: `carryOut.ts FOLDER INSTALL UID SPEC` carries an action out to its end, from where it stands. */
const [dataDir, install, user, file] = process.argv.slice(2) as [string, string, string, string]
const spec = JSON.parse(readFileSync(file, 'utf8')) as ActionSpec
const ids = { uid: Number(user), gid: Number(user) }
const { runner } = createTargets({ install, dataDir, ...ids, points: pointsFor })
await runner.start(spec)
process.stdout.write('begun\n')
await runner.wait(spec.attempt, AbortSignal.timeout(300_000))
await runner.close()
