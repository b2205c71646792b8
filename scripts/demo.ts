import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { keepEngine } from '../main/api/pages/engineLink.ts'
import { serveWeb } from '../main/api/web/serveWeb.ts'
import type { Context } from '../main/cli/context.ts'
import { exitCodeOf, explainError } from '../main/cli/errors.ts'
import { EXIT, type ExitCode } from '../main/cli/exitCodes.ts'
import { currentState } from '../main/cli/follow.ts'
import { ENGINES } from '../main/cli/host.ts'
import { processOutput } from '../main/cli/output.ts'
import { openEngine, type Session } from '../main/cli/session.ts'
import { supervise } from '../main/cli/supervise.ts'
import { checkMachine } from '../main/desk/checks.ts'
import { createDesk } from '../main/desk/createDesk.ts'
import type { Desk } from '../main/desk/desk.ts'
import { version } from '../main/headless.ts'
import { makeDataFolder } from '../main/machine.ts'
import { found, ROOT, tellChecks } from './support.ts'
import { fetchElectron, show } from './windows.ts'

/**
 * `npm run demo`: copies the sample, makes it a repository, runs its epic, and shows it in the control center. With
 * nobody there to watch it ends with the run's summary, and with the exit code of `amphi run`.
 */
const EPIC = 'ship'
const { values } = parseArgs({
  options: {
    'no-open': { type: 'boolean', default: false },
    runner: { type: 'string', default: 'auto' },
    data: { type: 'string' },
  },
})
const { env, stdin } = process
const out = processOutput(process, env, false)
/** Thrown away with the machine's other temporary things; a second demo finds the first one's history. */
const home =
  values.data ?? env['AMPHITHEATRE_DATA'] ?? join(tmpdir(), `amphitheatre-demo-${userInfo().username}`)
const context: Context = { dataDir: join(home, 'data'), cwd: ROOT, env, out, engines: ENGINES, stdin }

try {
  process.exit(await demo())
} catch (error) {
  for (const line of explainError(error, env)) out.note(line)
  process.exit(exitCodeOf(error))
}

async function demo(): Promise<ExitCode> {
  makeDataFolder(home)
  makeDataFolder(context.dataDir)
  await tellChecks(out, await checkMachine(context))
  if (!values['no-open']) await fetchElectron(out, env)
  const root = copySample(join(home, 'bookshelf'))
  await found(out, 'done', 'Sample', root)
  const session = await openEngine(context)
  try {
    return await serveAndRun(session, root)
  } finally {
    await session.close()
  }
}

/** A repository of its own, made once; what agents changed is there only where a run was applied. */
function copySample(root: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  if (existsSync(join(root, '.git'))) return root
  mkdirSync(root, { recursive: true })
  cpSync(join(ROOT, 'resources', 'samples', 'bookshelf'), root, { recursive: true })
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('-c', 'user.name=Amphitheatre', '-c', 'user.email=demo@localhost', 'commit', '-q', '-m', 'The sample')
  return root
}

async function serveAndRun(session: Session, root: string): Promise<ExitCode> {
  const { dataDir } = context
  const desk = createDesk({ dataDir, env })
  const { center, pid } = session
  const link = await keepEngine(async () => ({
    center,
    pid,
    gone: new Promise(() => {}),
    close: async () => {},
  }))
  const person = userInfo().username
  const { platform } = process
  const server = await serveWeb({
    link,
    desk,
    host: { host: 'browser', version: version(), platform, dataDir, home: homedir(), person, open: root },
    dataDir,
    pages: join(ROOT, 'out', 'renderer'),
    log: () => undefined,
  })
  try {
    const where = { out, env, dataDir, invitation: server.invitation }
    const window = values['no-open'] ? undefined : await show(where)
    await found(out, 'done', 'Address', out.style.strong(server.invitation))
    await out.line()
    const code = await run(session, desk, root)
    await stay(window?.closed)
    return code
  } finally {
    await server.close()
    await link.close()
  }
}

async function run(session: Session, desk: Desk, root: string): Promise<ExitCode> {
  const from = await currentState(session.center)
  let told = false
  const started = await desk.start(session.center, { root, epic: EPIC, runner: values.runner }, (line) => {
    if (!told) out.note('Building the agents’ image; this takes about a minute, once.')
    told = true
    if (env['AMPHITHEATRE_DEBUG'] === '1') out.note(line)
  })
  if (started.ok) return supervise(context, session, { from, runs: new Set([started.run]) })
  for (const problem of started.problems) out.note(problem)
  return EXIT.badInput
}

/** Somebody watches, in a window or at this terminal: until the window is closed, or Ctrl-C. */
async function stay(closed: Promise<void> | undefined): Promise<void> {
  const watched = closed !== undefined || (out.isTty && stdin.isTTY === true && !isSet(env['CI']))
  if (!watched) return
  await out.line()
  await out.line(out.style.muted('The control center stays open. Ctrl-C ends it.'))
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await Promise.race([interrupted, closed ?? interrupted])
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== 'false'
}
