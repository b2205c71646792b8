import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { HostInfo } from '../../../preload/contract.ts'
import type { EngineHealth } from '../../engine/controlCenter.ts'
import { personName } from '../../engine/personName.ts'
import { type Hosting, openEngineLink } from '../../hosting.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { watchInterrupts } from '../interrupts.ts'
import { question } from '../supervise.ts'

export interface ServeOptions {
  readonly port?: string
  readonly host?: string
  readonly open?: boolean
}

/** What `npm run build` makes for browsers. */
const PAGES = join(import.meta.dirname, '../../../out/renderer')

/** `amphi serve [PATH]`: shows the control center to browsers of this machine until it is ended. */
export async function serve(
  context: Context,
  path: string | undefined,
  options: ServeOptions,
  pages = PAGES,
): Promise<ExitCode> {
  const { dataDir, engines, env, out } = context
  const port = portOf(options.port)
  const open = path === undefined ? null : folderOf(resolve(context.cwd, path))
  const { checkWeb, serveWeb } = await import('../../api/web/serveWeb.ts')
  const address = options.host ?? env.API_HOST
  const where = { pages, ...(address ? { address } : {}), ...(port === undefined ? {} : { port }) }
  checkWeb(where)
  const { makeDataFolder } = await import('../../machine.ts')
  const { createDesk } = await import('../../desk/createDesk.ts')
  makeDataFolder(dataDir)
  const log = (line: string): void => {
    if (env.AMPHITHEATRE_DEBUG === '1') out.note(line)
  }
  const link = await openEngineLink({ dataDir, ways: engines, host: true, log })
  try {
    const desk = createDesk({ dataDir, env })
    const server = await serveWeb({ link, desk, host: await hostInfo(dataDir, open), dataDir, log, ...where })
    try {
      const stay = ended(context, link)
      await tell(context, link, server, open)
      const unwatch = tellTakeOver(context, link)
      if (options.open === true) await openWindow(context, server.invitation)
      await stay
      unwatch()
    } finally {
      await server.close()
    }
  } finally {
    await link.close()
  }
  return EXIT.done
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new CliError(`--port is a number from 1 to 65535, not "${text}".`)
}

function folderOf(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path
  throw new CliError(`${path} is not a folder.`, 'Name the folder of a project, or leave it out.')
}

async function hostInfo(dataDir: string, open: string | null): Promise<HostInfo> {
  const { version } = await import('../../headless.ts')
  const { platform } = process
  return {
    host: 'browser',
    version: version(),
    platform,
    dataDir,
    home: homedir(),
    person: personName(),
    open,
  }
}

interface Served {
  readonly port: number
  readonly url: string
  readonly invitation: string
}

/** What was found and chosen, and where to look. */
async function tell(context: Context, link: Hosting, server: Served, open: string | null): Promise<void> {
  const { out } = context
  const enginePid = link.status.status === 'connected' ? link.status.enginePid : null
  const hosting = link.host !== undefined
  if (out.json) {
    const { invitation: address, url, port } = server
    return out.object({ address, url, port, pid: process.pid, enginePid, hosting })
  }
  const { style } = out
  const row = (name: string, text: string): Promise<void> => out.line(`  ${name.padEnd(11)}${text}`)
  await row('Engine', hosting ? `in this process (${process.pid})` : `process ${enginePid}; this is a client`)
  if (link.status.status === 'connected') {
    const { runners } = await link.status.center.health()
    for (const line of runnerLines(runners)) await row(...line)
  }
  await row('Data', context.dataDir)
  if (open !== null) await row('Project', open)
  await row('Pages', style.strong(server.invitation))
  await out.line()
  await out.line(
    style.muted('  The address lets in whoever opens it; a browser needs it once. Ctrl-C ends this.'),
  )
}

const RUNNER_NAMES: Readonly<Record<string, string>> = { docker: 'Docker', process: 'Processes' }

function runnerLines(runners: EngineHealth['runners']): readonly [string, string][] {
  return Object.entries(runners).map(([kind, health]) => [
    RUNNER_NAMES[kind] ?? kind,
    health.status === 'ready' ? health.version : `${health.reason} (${health.remedy})`,
  ])
}

/** Whose Ctrl-C now asks about agents. */
function tellTakeOver(context: Context, link: Hosting): () => void {
  let hosting = link.host !== undefined
  return link.onChange(() => {
    if (!hosting && link.host !== undefined) context.out.note('The engine runs in this process now.')
    hosting = link.host !== undefined
  })
}

async function openWindow(context: Context, address: string): Promise<void> {
  const { openPage } = await import('../../desk/openPage.ts')
  const opened = await openPage(address, { dataDir: context.dataDir, env: context.env })
  if (opened.how === 'none') context.out.note(`Not opened: ${opened.reason}. Open the address yourself.`)
  else if (!context.out.json) context.out.note(`  Opened in ${opened.program}.`)
}

/** Resolves when the person ends it; agents have been stopped by then if that was wished. */
function ended(context: Context, link: Hosting): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      unwatch()
      resolve()
    }
    const role = async () => ((await asksAboutAgents(link)) ? 'host' : 'client')
    const unwatch = watchInterrupts(context, role, {
      onAsking: (asking) => {
        if (asking) context.out.note(question(context))
      },
      onStop: () => {
        context.out.note('Stopping. Ctrl-C again ends this at once and leaves the agents at work.')
        // Pages are served on meanwhile: who watches sees the agents end.
        link.close({ stopAgents: true }).then(done, reject)
      },
      onLeave: done,
      onGone: () => process.exit(EXIT.interrupted),
    })
  })
}

/** Only a host takes agents with it, and only when there are any. */
async function asksAboutAgents(link: Hosting): Promise<boolean> {
  if (link.host === undefined) return false
  try {
    const { runs } = await currentState(link.host.center)
    return [...runs.values()].some((run) => run.counts.active > 0)
  } catch {
    return false
  }
}
