import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { dataDirFor } from '../main/cli/dataDir.ts'
import { processOutput } from '../main/cli/output.ts'
import { runProgram } from '../main/cli/program.ts'
import { PROJECT_FILE_NAMES } from '../main/config/index.ts'
import { checkMachine } from '../main/desk/checks.ts'
import { version } from '../main/headless.ts'
import { found, tellChecks } from './support.ts'
import { electronFor, fetchElectron, runElectron } from './windows.ts'

/**
 * `npm start [-- PATH]`: the control center on a project: the one named, else that of the folder the command was typed
 * in, else the choice of one. In Electron where its program is here, else in a browser; else it prints the address.
 */
const { env } = process
const out = processOutput(process, env, false)
const from = env['INIT_CWD'] ?? process.cwd()
const named = process.argv[2]
const path = named === undefined ? projectIn(from) : resolve(from, named)
const dataDir = dataDirFor(undefined, env)

await tellChecks(out, await checkMachine({ dataDir }))
await fetchElectron(out, env)
const electron = electronFor(env)
if (electron === undefined) {
  await out.line()
  const args = ['serve', ...(path === undefined ? [] : [path]), '--open', '--data', dataDir]
  const { stdin, stdout, stderr } = process
  process.exitCode = await runProgram(args, { env, cwd: from, stdin, stdout, stderr }, version())
} else {
  await found(out, 'done', 'Window', 'Electron')
  await runElectron(electron, env, dataDir, path === undefined ? [] : [path])
}

function projectIn(folder: string): string | undefined {
  return PROJECT_FILE_NAMES.some((name) => existsSync(join(folder, name))) ? folder : undefined
}
