import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { makePrivateFolder } from '../main/api/localAddress.ts'
import { keepEngine } from '../main/api/pages/engineLink.ts'
import { serveWeb, type WebServer } from '../main/api/web/serveWeb.ts'
import type { Context } from '../main/cli/context.ts'
import { CliError } from '../main/cli/errors.ts'
import { EXIT, type ExitCode } from '../main/cli/exitCodes.ts'
import { currentState } from '../main/cli/follow.ts'
import { ENGINES } from '../main/cli/host.ts'
import { processOutput } from '../main/cli/output.ts'
import { openEngine, type Session } from '../main/cli/session.ts'
import { supervise } from '../main/cli/supervise.ts'
import { checkMachine } from '../main/desk/checks.ts'
import { createDesk } from '../main/desk/createDesk.ts'
import { type Desk, DeskError } from '../main/desk/desk.ts'
import { personName } from '../main/engine/personName.ts'
import { version } from '../main/headless.ts'
import { makeDataFolder } from '../main/machine.ts'
import type { StartResult } from '../preload/contract.ts'
import { placeSample } from './sample.ts'
import { found, isSet, progress, ROOT, runScript, tellChecks } from './support.ts'
import { type Shown, show } from './windows.ts'

/**
 * `npm run demo`: copies the sample, makes it a repository, runs its epic, and shows it in the control center. With
 * nobody there to watch it ends with the run's summary, and with the exit code of `amphi run`.
 */
const EPIC = 'ship'
const USAGE = 'npm run demo [-- [--no-open] [--runner auto|docker|process] [--data DIR]]'
/** A person at a terminal without a window is given so long to open the address, ms. */
const LINGER_MS = 2 * 60_000
/** A closed window may have left a page in another; a page that is reloaded is away for a moment, ms. */
const GONE_MS = 3_000
const LOOK_MS = 1_000

const { env, stdin } = process
const out = processOutput(process, env, false)
/** Is somebody there to watch? */
const person = out.isTty && stdin.isTTY === true && !isSet(env['CI'])

await runScript(out, async () => {
  const wish = wanted()
  const { dataDir } = wish
  const context: Context = { dataDir, cwd: ROOT, env, out, engines: ENGINES, stdin }
  await tellChecks(out, await checkMachine({ dataDir }))
  const root = placeSample(join(dataDir, 'demo'))
  await found(out, 'done', 'Sample', root)
  const session = await openEngine(context)
  try {
    return await serveAndRun(context, session, root, wish)
  } finally {
    await session.close()
  }
})

interface Wish {
  readonly dataDir: string
  readonly runner: string
  readonly open: boolean
}

function wanted(): Wish {
  const values = words()
  const named = values.data ?? (env['AMPHITHEATRE_DATA'] || undefined)
  const open = person && !values['no-open']
  const from = env['INIT_CWD'] ?? process.cwd()
  return {
    dataDir: named === undefined ? ownFolder() : given(resolve(from, named)),
    runner: values.runner,
    open,
  }
}

function words() {
  try {
    return parseArgs({
      options: {
        'no-open': { type: 'boolean', default: false },
        runner: { type: 'string', default: 'auto' },
        data: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new CliError((error as Error).message, USAGE)
  }
}

function given(folder: string): string {
  makeDataFolder(folder)
  return folder
}

/**
 * Goes with the machine's other temporary things; a second demo finds the first one's history. It is where everybody
 * may make folders, so one that is not this user's is refused.
 */
function ownFolder(): string {
  const folder = join(tmpdir(), `amphitheatre-demo-${personName()}`)
  makePrivateFolder(folder)
  return folder
}

async function serveAndRun(context: Context, session: Session, root: string, wish: Wish): Promise<ExitCode> {
  const { dataDir } = context
  const desk = createDesk({ dataDir, env })
  const server = await serve(session, desk, dataDir)
  try {
    const where = { out, env, dataDir, invitation: server.invitation }
    const shown: Shown = wish.open ? await show(where) : { how: 'none', closed: undefined }
    await found(out, 'done', 'Address', out.style.strong(server.invitation))
    await out.line()
    const code = await run(context, session, desk, root, wish.runner)
    await out.line(out.style.muted(`  amphi is ${join(ROOT, 'amphi')}, here with --data ${dataDir}`))
    if (code !== EXIT.interrupted) await stay(server, shown)
    return code
  } finally {
    await server.close()
  }
}

async function serve(session: Session, desk: Desk, dataDir: string): Promise<WebServer> {
  const { center, pid } = session
  const never = new Promise<void>(() => undefined)
  const link = await keepEngine(async () => ({ center, pid, gone: never, close: async () => undefined }))
  const { platform } = process
  return serveWeb({
    link,
    desk,
    host: {
      host: 'browser',
      version: version(),
      platform,
      dataDir,
      home: homedir(),
      person: personName(),
      // The page shows the run, not the choice of projects.
      open: null,
    },
    dataDir,
    pages: join(ROOT, 'out', 'renderer'),
    log: () => undefined,
  })
}

async function run(
  context: Context,
  session: Session,
  desk: Desk,
  root: string,
  runner: string,
): Promise<ExitCode> {
  const from = await currentState(session.center)
  const started = await start(session, desk, root, runner)
  if (started.ok) return supervise(context, session, { from, runs: new Set([started.run]) })
  for (const problem of started.problems) out.note(problem)
  return EXIT.badInput
}

/** The sample harms nobody: where the agents' image cannot be had, it runs as processes. */
async function start(session: Session, desk: Desk, root: string, runner: string): Promise<StartResult> {
  const told = progress(out, 'Agent image', 'building, about a minute, once')
  const begin = (runner: string) =>
    desk.start(session.center, { root, epic: EPIC, runner }, (line) => told.line(line))
  try {
    const started = await begin(runner)
    await told.end('done', 'built')
    return started
  } catch (error) {
    await told.end('needs-you', 'not built')
    if (!(error instanceof DeskError) || runner !== 'auto') throw error
    out.note(`${error.message}\n  ${error.remedy}\n  Agents run as processes instead, not isolated.`)
    return begin('process')
  }
}

/** Until the window is closed or Ctrl-C; without a window a person at this terminal has some time to open a page. */
async function stay(server: WebServer, { how, closed }: Shown): Promise<void> {
  if (!person) return
  await out.line()
  const ends = how === 'none' ? ' Without an open page it ends in 2 minutes.' : ''
  await out.line(out.style.muted(`  The control center stays open until Ctrl-C.${ends}`))
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const alone = how === 'none' ? unwatched(server, LINGER_MS) : closed?.then(() => unwatched(server, GONE_MS))
  await Promise.race([interrupted, alone ?? interrupted])
}

/** Resolves when no page has been open for so long. */
function unwatched(server: WebServer, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    let last = Date.now()
    const timer = setInterval(() => {
      if (server.open > 0) last = Date.now()
      if (Date.now() - last < patienceMs) return
      clearInterval(timer)
      resolve()
    }, LOOK_MS)
  })
}
