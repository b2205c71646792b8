import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { z } from 'zod'
import type { Traffic } from '../../domain/health/targetLoad.ts'
import { RunnerError } from '../../engine/ports/runner.ts'
import { AGENT_IMAGE } from '../../runners/docker/agentImage.ts'
import { daemonWords, statusOf } from '../../runners/docker/client.ts'
import { noImageError } from '../../runners/docker/images.ts'
import { LABELS } from '../../runners/docker/labels.ts'
import { writeDurably } from '../actionFolder.ts'
import { StepError } from '../step.ts'
import {
  ensureRunning,
  hardened,
  isKeptUp,
  KEPT_UP,
  labelOf,
  lastWords,
  look,
  remove,
  start,
} from './containers.ts'
import { ensureNetwork } from './network.ts'
import { type DockerPlace, labelsOf, nameOfPart, ownFolder, PROXY_NAME, PROXY_PORT } from './place.ts'

/** Where requests go, as the proxy (resources/targets/proxy.mjs) is told. */
export interface Orders {
  readonly generation: number
  readonly upstream: Upstream | null
  /** Without an upstream requests wait for one for so long. */
  readonly holdMs: number
  /** None waits beyond that moment, whatever becomes of whoever gave the order; wall clock, ms. */
  readonly until?: number | null
  /** `host:port` whose last request is to be told of. */
  readonly idle: string | null
  /** A page on the target's network to ask until it answers well. Null for none, absent in orders of before. */
  readonly ask?: (Probe & { readonly id: string }) | null
}

export interface Upstream {
  readonly host: string
  readonly port: number
}

const PROGRAMS = join(import.meta.dirname, '../../../resources/targets')
const PROGRAM = 'proxy.mjs'
export const NO_ORDERS: Orders = { generation: 0, upstream: null, holdMs: 0, idle: null, ask: null }
const ANSWER_MS = 10_000
const LOOK_MS = 5
const ASK_LOOK_MS = 10
const RESOURCES = { cpus: 1, memoryBytes: 256 * 1024 * 1024, pids: 64 }

export function proxyName(place: DockerPlace): string {
  return nameOfPart(place, 'proxy')
}

/** Makes it, or makes it anew where its port or its program is another now. */
export async function ensureProxy(place: DockerPlace): Promise<{ readonly made: boolean }> {
  const { docker } = place
  const programs = ownFolder(place, 'proxy', 'program')
  const hash = createHash('sha256').update(`${place.spec.port}`)
  await copyFile(join(PROGRAMS, PROGRAM), join(programs, PROGRAM))
  hash.update(await readFile(join(PROGRAMS, PROGRAM)))
  const recipe = hash.digest('hex').slice(0, 16)
  const name = proxyName(place)
  const found = await look(docker, name)
  if (found !== undefined && labelOf(found, 'recipe') !== recipe) await remove(docker, name)
  const isThere = found !== undefined && labelOf(found, 'recipe') === recipe
  if (isThere && found.State.Running && isKeptUp(found)) return { made: false }
  const [outside, inside] = [await ensureNetwork(place, 'outside'), await ensureNetwork(place, 'inside')]
  if (readOrders(await ordersText(place)) === undefined) writeOrders(place, NO_ORDERS)
  try {
    await ensureRunning(docker, name, await proxyOptions(place, outside, recipe, programs), [inside])
  } catch (error) {
    // One that cannot have its port must not come back for it when Docker starts again.
    if (!isThere) await remove(docker, name).catch(() => undefined)
    throw noAgentImage(error)
  }
  return { made: found === undefined }
}

async function proxyOptions(
  place: DockerPlace,
  outside: string,
  recipe: string,
  programs: string,
): Promise<Docker.ContainerCreateOptions> {
  const bind = (Source: string, Target: string, ReadOnly: boolean): Docker.MountSettings => ({
    Type: 'bind',
    Source,
    Target,
    ReadOnly,
  })
  return {
    Image: AGENT_IMAGE,
    Entrypoint: ['node', '/program/proxy.mjs'],
    Cmd: [],
    User: `${place.uid}:${place.gid}`,
    WorkingDir: '/',
    Labels: { ...labelsOf(place, 'proxy'), [LABELS.recipe]: recipe },
    ExposedPorts: { [`${PROXY_PORT}/tcp`]: {} },
    HostConfig: {
      ...hardened(RESOURCES, await place.cpus()),
      Init: true,
      RestartPolicy: KEPT_UP,
      NetworkMode: outside,
      PortBindings: { [`${PROXY_PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(place.spec.port) }] },
      Mounts: [
        bind(programs, '/program', true),
        bind(ownFolder(place, 'proxy', 'orders'), '/orders', true),
        bind(ownFolder(place, 'proxy', 'said'), '/said', false),
      ],
    },
    NetworkingConfig: { EndpointsConfig: { [outside]: { Aliases: [PROXY_NAME] } } },
  }
}

function noAgentImage(error: unknown): unknown {
  const words = error instanceof Error ? error.message : ''
  const cause = error instanceof RunnerError ? error.cause : undefined
  const isMissing = statusOf(cause) === 404 && /no such image/i.test(daemonWords(cause ?? words))
  return isMissing ? noImageError(AGENT_IMAGE, error) : error
}

/** Where requests go now, as it stands in the orders. */
export async function currentOrders(place: DockerPlace): Promise<Orders> {
  return readOrders(await ordersText(place)) ?? NO_ORDERS
}

/** Resolves when the proxy goes by it. Asked again for the same it changes nothing. */
export async function order(
  place: DockerPlace,
  change: Partial<Omit<Orders, 'generation'>>,
  signal: AbortSignal,
): Promise<void> {
  const now = await currentOrders(place)
  // What was to be asked is settled by whoever asked it.
  const wanted = { ...now, ask: null, ...change, until: untilOf(now, change) }
  const isSame = JSON.stringify(wanted) === JSON.stringify(now)
  const orders = isSame ? now : { ...wanted, generation: now.generation + 1 }
  if (!isSame) writeOrders(place, orders)
  await said(place, (answer) => answer.generation >= orders.generation, ANSWER_MS, signal)
}

/** Ordered again, the same time goes on; once it is up it begins anew. */
function untilOf(now: Orders, change: Partial<Omit<Orders, 'generation'>>): number | null {
  const { upstream, holdMs } = { ...now, ...change }
  if (upstream !== null || holdMs === 0) return null
  const known = now.upstream === null && now.holdMs === holdMs ? (now.until ?? null) : null
  if (change.holdMs === undefined || (known !== null && known > Date.now())) return known
  return Date.now() + holdMs
}

/** True when nothing of that place is under way any more; false when that takes longer. */
export async function drained(
  place: DockerPlace,
  upstream: Upstream,
  withinMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const idle = `${upstream.host}:${upstream.port}`
  await order(place, { idle }, signal)
  try {
    await said(place, (answer) => answer.idle === idle, withinMs, signal)
    return true
  } catch (error) {
    if (error instanceof StepError) return false
    throw error
  }
}

const trafficSchema = z.object({
  since: z.number(),
  requests: z.number(),
  errors: z.number(),
  ms: z.number(),
})

/** What it counted; undefined where it does not run yet, or is one of before. */
export async function trafficOf(place: DockerPlace): Promise<Traffic | undefined> {
  return trafficSchema.safeParse(await readFrom(saidPath(place, 'traffic.json'))).data
}

const saidSchema = z.object({
  generation: z.number(),
  idle: z.string().nullable(),
  asked: z
    .object({ id: z.string(), ok: z.boolean(), over: z.boolean(), words: z.string() })
    .nullable()
    .default(null),
})
type Said = z.infer<typeof saidSchema>

async function said(
  place: DockerPlace,
  holds: (answer: Said) => boolean,
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  const path = saidPath(place)
  for (const end = Date.now() + withinMs; ; await delay(LOOK_MS, undefined, { signal })) {
    const answer = await readSaid(path)
    if (answer !== undefined && holds(answer)) return
    if (Date.now() < end) continue
    await startAgain(place)
    const words = await lastWords(place.docker, proxyName(place), 3)
    throw new StepError(
      `The proxy of ${place.target.name} does not do as it is told.${words === '' ? '' : ` It says: ${words}`}`,
      `Look at it: docker logs ${proxyName(place)}`,
      { passing: true },
    )
  }
}

/** One that somebody stopped is asked in vain. */
async function startAgain(place: DockerPlace): Promise<void> {
  const found = await look(place.docker, proxyName(place))
  if (found?.State.Running === false) await start(place.docker, proxyName(place))
}

function saidPath(place: DockerPlace, name = 'said.json'): string {
  return join(place.folder, 'proxy', 'said', name)
}

async function readSaid(path: string): Promise<Said | undefined> {
  return saidSchema.safeParse(await readFrom(path)).data
}

/** The folder is the proxy's to write: what is in it is not followed, and not trusted to be more than it has to be. */
async function readFrom(path: string): Promise<unknown> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const buffer = Buffer.alloc(4096)
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
      return JSON.parse(buffer.toString('utf8', 0, bytesRead)) as unknown
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

function writeOrders(place: DockerPlace, orders: Orders): void {
  const folder = ownFolder(place, 'proxy', 'orders')
  writeDurably(join(folder, 'orders.json'), JSON.stringify(orders), 0o644)
}

async function ordersText(place: DockerPlace): Promise<string> {
  return readFile(join(place.folder, 'proxy', 'orders', 'orders.json'), 'utf8').catch(() => '')
}

function readOrders(text: string): Orders | undefined {
  try {
    return JSON.parse(text) as Orders
  } catch {
    return undefined
  }
}

export interface Probe {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly everyMs: number
  readonly timeoutMs: number
  readonly withinMs: number
}

/**
 * Has the proxy, which is on the target's network and runs already, ask a page until it answers well: in words, and
 * whether it did. It is asked anew with every call, so what it answered to an earlier one counts for nothing.
 */
export async function probe(
  place: DockerPlace,
  wanted: Probe,
  signal: AbortSignal,
): Promise<{ readonly ok: boolean; readonly words: string }> {
  const id = randomUUID()
  await order(place, { ask: { ...wanted, id } }, signal)
  const path = saidPath(place)
  // The proxy says when the time is over; one that was started anew meanwhile began anew.
  const end = Date.now() + wanted.withinMs + wanted.timeoutMs + ANSWER_MS
  for (let words = 'it was not asked'; ; await delay(ASK_LOOK_MS, undefined, { signal })) {
    const { asked } = (await readSaid(path)) ?? { asked: null }
    if (asked?.id === id) {
      if (asked.ok || asked.over) return asked
      words = asked.words
    }
    if (Date.now() > end) return { ok: false, words }
  }
}
