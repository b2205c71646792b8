import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { dataDirFor } from '../main/cli/dataDir.ts'
import { CliError } from '../main/cli/errors.ts'
import { processOutput } from '../main/cli/output.ts'
import { runProgram } from '../main/cli/program.ts'
import { PROJECT_FILE_NAMES } from '../main/config/index.ts'
import { checkMachine } from '../main/desk/checks.ts'
import { version } from '../main/headless.ts'
import { found, runScript, tellChecks } from './support.ts'
import { electronFor, fetchElectron, runElectron } from './windows.ts'

/**
 * `npm start [-- PATH]`: the control center on a project: the one named, else that of the folder the command was typed
 * in, else the choice of one. In Electron where its program is here, else in a browser; else it prints the address.
 */
const { env, stdin, stdout, stderr } = process
const out = processOutput(process, env, false)

await runScript(out, async () => {
  const { path, dataDir, from, open } = wanted()
  await tellChecks(out, await checkMachine({ dataDir }))
  if (open) await fetchElectron(out, env)
  const words = path === undefined ? [] : [path]
  const electron = open ? electronFor(env) : undefined
  if (electron !== undefined) {
    await found(out, 'done', 'Window', 'Electron')
    return runElectron(electron, env, dataDir, words)
  }
  await out.line()
  const args = ['serve', ...words, ...(open ? ['--open'] : []), '--data', dataDir]
  return runProgram(args, { env, cwd: from, stdin, stdout, stderr }, version())
})

interface Wanted {
  readonly path: string | undefined
  readonly dataDir: string
  /** Where the person stood; npm goes to the program's own folder. */
  readonly from: string
  readonly open: boolean
}

function wanted(): Wanted {
  const from = env['INIT_CWD'] ?? process.cwd()
  const { values, positionals } = words()
  const [named] = positionals
  const path = named === undefined ? projectIn(from) : resolve(from, named)
  if (path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CliError(`${path} is not a folder.`, 'Name the folder of a project, or leave it out.')
  }
  const data = values.data === undefined ? undefined : resolve(from, values.data)
  return { path, dataDir: dataDirFor(data, env), from, open: !values['no-open'] }
}

function words() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { data: { type: 'string' }, 'no-open': { type: 'boolean', default: false } },
    })
  } catch (error) {
    throw new CliError((error as Error).message, 'npm start [-- [--no-open] [--data DIR] [PATH]]')
  }
}

function projectIn(folder: string): string | undefined {
  return PROJECT_FILE_NAMES.some((name) => existsSync(join(folder, name))) ? folder : undefined
}
