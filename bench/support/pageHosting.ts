import { join } from 'node:path'
import { createAgentFiles } from '../../main/agents/agentFiles.ts'
import { keepEngine } from '../../main/api/pages/engineLink.ts'
import { serveWeb, type WebServer } from '../../main/api/web/serveWeb.ts'
import { createDesk } from '../../main/desk/createDesk.ts'
import type { EventEnvelope } from '../../main/domain/events.ts'
import { runningCenter } from '../../main/engine/center.ts'
import { clockFrom, nextAnchor, systemClockSource } from '../../main/engine/clock.ts'
import type { ControlCenter } from '../../main/engine/controlCenter.ts'
import { personName } from '../../main/engine/personName.ts'
import type { AgentFiles } from '../../main/engine/ports/agentFiles.ts'
import { realScheduling } from '../../main/engine/scheduling.ts'
import { type RunningEngine, startEngine } from '../../main/engine/startEngine.ts'
import { makeDataFolder } from '../../main/machine.ts'
import { createOutputFiles } from '../../main/runners/output/outputFiles.ts'
import { openSqliteStore } from '../../main/store/sqliteStore.ts'
import { timedStore } from './churn.ts'
import { serveEcho } from './echo.ts'
import { idleRunner } from './idleRunner.ts'
import { noWorkspaces } from './noopFiles.ts'
import { takeOrders } from './pageHost.ts'
import { handlersFor } from './pageOrders.ts'

/**
 * `pageHosting.ts FOLDER PAGES AGENTS`: the engine, its store, the agents' files and the web server as `amphi serve`
 * has them, with agents that do nothing, in a process of its own so that its CPU time is its own. Beside it, the bare
 * page of `echo.ts`.
 */
const [folder, pages, agents] = process.argv.slice(2) as [string, string, string]
const appended: ((events: readonly EventEnvelope[], at: number) => void)[] = []
const { engine, center, files, dataDir } = await openEngine()
const server = await serve(center)
const echo = await serveEcho(Number(agents))
console.log(JSON.stringify({ invitation: server.invitation, url: server.url, echo: echo.url }))
await takeOrders(
  handlersFor({ engine, files, echo, onAppended: (listener) => appended.push(listener), folder }),
)
process.exit(0)

async function openEngine(): Promise<{
  readonly engine: RunningEngine
  readonly center: ControlCenter
  readonly files: AgentFiles
  readonly dataDir: string
}> {
  const dataDir = join(folder, 'data')
  makeDataFolder(dataDir)
  const sqlite = await openSqliteStore({ file: join(dataDir, 'amphitheatre.db') })
  const store = timedStore(sqlite, (events, at) => {
    for (const listener of appended) listener(events, at)
  })
  const source = systemClockSource()
  const owner = { uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000 }
  const files = createAgentFiles({ dataDir, ...owner, openOutput: createOutputFiles() })
  const runners = new Map([['simulated', idleRunner()]])
  const workspaces = noWorkspaces()
  const engine = await startEngine({
    store,
    scheduling: realScheduling(clockFrom(nextAnchor(source, undefined, 0), source)),
    runners,
    workspaces,
    files,
    wall: Date.now,
    freeBytes: async () => null,
    log: () => undefined,
    onSample: () => undefined,
    boot: source.bootId(),
    pid: process.pid,
    version: 'bench',
    idPrefix: 'bench',
  })
  const shared = { store, workspaces, files, dataDir, version: 'bench', redact: (text: Buffer) => text }
  return { engine, center: runningCenter({ ...shared, engine, runners, notes: () => [] }), files, dataDir }
}

async function serve(of: ControlCenter): Promise<WebServer> {
  const link = await keepEngine(async () => ({
    center: of,
    pid: process.pid,
    gone: new Promise<void>(() => undefined),
    close: async () => undefined,
  }))
  const host = {
    host: 'browser',
    version: 'bench',
    platform: process.platform,
    dataDir,
    home: folder,
    person: personName(),
    open: null,
  } as const
  return serveWeb({ link, desk: createDesk({ dataDir, env: {} }), host, dataDir, pages, port: 0 })
}
