import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { AGENT_IMAGE } from '../../runners/docker/agentImage.ts'
import { LABELS } from '../../runners/docker/labels.ts'
import { writeDurably } from '../actionFolder.ts'
import { buildApp, removeApps } from '../testing/app.ts'
import { createTargetBench, type TargetBench } from '../testing/bench.ts'
import { NO_ORDERS, type Orders } from './proxy.ts'

/**
 * The proxy alone, on a machine whose name servers do not answer, before a service whose name is gone: whoever asks is
 * told in bounded time, and keeps nobody waiting who asks for a service that is there.
 */
const PROGRAMS = join(import.meta.dirname, '../../../resources/targets')
/** Of documentation (RFC 5737): nobody answers there. */
const NOBODY = '192.0.2.1'
/** More than the system's own way asks for at a time. */
const MANY = 12
/** Well beyond what the proxy takes, well below what it would take by the system's own way. */
const SOON_MS = 30_000
let bench: TargetBench
let app: string
let generation = 0

beforeAll(async () => {
  bench = await createTargetBench()
  app = await buildApp(bench.docker, 'reach-1')
  for (const name of ['program', 'orders', 'said']) mkdirSync(join(bench.folder, name))
  cpSync(join(PROGRAMS, 'proxy.mjs'), join(bench.folder, 'program/proxy.mjs'))
  order({})
  const network = `${bench.install}-reach`
  await bench.docker.createNetwork({ Name: network, Labels: { [LABELS.install]: bench.install } })
  await start('proxy', network, {
    Image: AGENT_IMAGE,
    Entrypoint: ['node', '/program/proxy.mjs'],
    Cmd: [],
    HostConfig: {
      Dns: [NOBODY],
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(bench.port) }] },
      Binds: ['program', 'orders', 'said'].map((name) => `${join(bench.folder, name)}:/${name}`),
    },
    ExposedPorts: { '8080/tcp': {} },
  })
  await start('there', network, { Image: app, Env: ['PORT=3000'] })
  const isUp = () =>
    ask().then(
      (answer) => answer.startsWith('503'),
      () => false,
    )
  await vi.waitUntil(isUp, { timeout: 60_000 })
}, 240_000)
afterAll(async () => {
  await bench.dispose()
  await removeApps([app])
})

async function start(alias: string, network: string, options: Docker.ContainerCreateOptions): Promise<void> {
  const made = await bench.docker.createContainer({
    ...options,
    name: `${network}-${alias}`,
    User: `${process.getuid!()}:${process.getgid!()}`,
    Labels: { [LABELS.install]: bench.install },
    HostConfig: { ...options.HostConfig, NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [alias] } } },
  })
  await made.start()
}

function order(change: Partial<Orders>): void {
  const orders = { ...NO_ORDERS, ...change, generation: ++generation }
  writeDurably(join(bench.folder, 'orders/orders.json'), JSON.stringify(orders), 0o644)
}

/** Resolves when it goes by what was ordered last. */
async function taken(): Promise<void> {
  const said = (): string => readFileSync(join(bench.folder, 'said/said.json'), 'utf8')
  await expect.poll(said, { timeout: SOON_MS }).toContain(`"generation":${generation},`)
}

async function ask(): Promise<string> {
  const signal = AbortSignal.timeout(SOON_MS)
  const answer = await fetch(`http://127.0.0.1:${bench.port}/`, { signal, headers: { connection: 'close' } })
  return `${answer.status} ${(await answer.text()).trim()}`
}

/** The status of who wants a WebSocket. */
const upgrade = (): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const headers = { connection: 'upgrade', upgrade: 'websocket' }
    const signal = AbortSignal.timeout(SOON_MS)
    const out = request({ host: '127.0.0.1', port: bench.port, headers, signal })
    for (const event of ['response', 'upgrade'])
      out.on(event, ({ statusCode }: IncomingMessage) => {
        resolve(statusCode)
        out.destroy()
      })
    out.on('error', reject)
    out.end()
  })

it('answers soon that a service whose name is gone cannot be reached, and one that is there meanwhile', async () => {
  order({ upstream: { host: 'gone', port: 3000 } })
  await taken()
  const refused = upgrade()
  for (const answer of await Promise.all(Array.from({ length: MANY }, ask)))
    expect(answer).toMatch(/^502 The service does not answer \(E\w+\)\.$/)
  expect(await refused).toBe(502)
  const lost = Promise.all(Array.from({ length: MANY }, ask))
  order({ upstream: { host: 'there', port: 3000 } })
  await taken()
  expect(await ask()).toBe('200 reach-1')
  expect(await upgrade()).toBe(101)
  // Some came after the order.
  for (const answer of await lost) expect(answer).toMatch(/^(502|200) /)
}, 120_000)

it('answers soon that a service whose machine is gone cannot be reached', async () => {
  order({ upstream: { host: NOBODY, port: 3000 } })
  await taken()
  expect(await ask()).toMatch(/^502 The service does not answer \(E\w+\)\.$/)
  expect(await upgrade()).toBe(502)
}, 120_000)
