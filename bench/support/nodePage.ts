import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hookToken } from '../../main/api/hooks/hookTokens.ts'
import { keepEngine } from '../../main/api/pages/engineLink.ts'
import { serveWeb } from '../../main/api/web/serveWeb.ts'
import { enter, openBridge } from '../../main/api/web/testing/webFixture.ts'
import { createDesk } from '../../main/desk/createDesk.ts'
import { evolve } from '../../main/domain/evolve.ts'
import type { ProjectId } from '../../main/domain/ids.ts'
import { stateFromJson } from '../../main/domain/serialise.ts'
import type { State } from '../../main/domain/state.ts'
import { personName } from '../../main/engine/personName.ts'
import type { Host } from '../../main/headless.ts'
import type { AmphitheatreBridge } from '../../preload/contract.ts'

const LIMIT_MS = 120_000

/**
 * The web server as `amphi serve` has it before a host, and a page of it without a browser: the product's own bridge,
 * over its WebSocket, and the state it makes of what comes. Frames and drawing are not in it.
 */
export interface NodePage {
  /** Posts what an Alertmanager would; resolves with the answer, throws unless it is 200. */
  alert(project: ProjectId, body: unknown): Promise<void>
  /** Resolves at the first state the page has of which this holds. */
  shows(holds: (state: State) => boolean): Promise<void>
  close(): Promise<void>
}

export async function openNodePage({ center }: Host, folder: string): Promise<NodePage> {
  const [dataDir, pages] = [join(folder, 'data'), join(folder, 'pages')]
  mkdirSync(pages)
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Amphitheatre</title>')
  const never = new Promise<void>(() => undefined)
  const engine = { center, pid: process.pid, gone: never, close: () => Promise.resolve() }
  const link = await keepEngine(() => Promise.resolve(engine))
  const about = { host: 'browser', version: 'bench', platform: process.platform, open: null } as const
  const host = { ...about, dataDir, home: folder, person: personName() }
  const desk = createDesk({ dataDir, env: {} })
  const server = await serveWeb({ link, desk, host, dataDir, pages, port: 0 })
  const bridge = openBridge(server, await enter(server))
  const page = await follow(bridge)
  return {
    alert: async (project, body) => {
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${hookToken(dataDir, project)}`,
      }
      const url = `http://127.0.0.1:${server.port}/hooks/alertmanager`
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(`the webhook was answered ${answer.status}: ${await answer.text()}`)
    },
    shows: (holds) => Promise.race([page(holds), tooLate()]),
    close: async () => {
      bridge.close()
      await server.close()
      await link.close()
    },
  }
}

type Shows = (holds: (state: State) => boolean) => Promise<void>

/** One snapshot, then the same reducer on the same events, as pages do it. */
async function follow(bridge: AmphitheatreBridge): Promise<Shows> {
  let state = stateFromJson(await bridge.request('snapshot', {}))
  const waiting = new Set<() => void>()
  const stream = 1
  bridge.on('events', ({ events }) => {
    for (const event of events) state = evolve(state, event)
    void bridge.request('ack', { stream, weight: events.length })
    for (const look of waiting) look()
  })
  await bridge.request('follow', { stream, from: state.seq })
  return (holds) =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds(state)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
}

async function tooLate(): Promise<never> {
  await delay(LIMIT_MS, undefined, { ref: false })
  throw new Error(`the page did not show it within ${LIMIT_MS} ms`)
}
