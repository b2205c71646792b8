import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { AGENT_IMAGE } from '../../runners/docker/agentImage.ts'
import type { ActionSpec } from '../actions.ts'
import { type AppEnv, buildApp, removeApps } from '../testing/app.ts'
import { createTargetBench, type TargetBench } from '../testing/bench.ts'
import { load } from '../testing/load.ts'
import { look } from './containers.ts'
import { dockerPlace } from './place.ts'
import { proxyName } from './proxy.ts'
import { answering, releases } from './service.ts'

let bench: TargetBench
let v1: string
let v2: string
const built = new Set<string>()

beforeAll(async () => {
  const setUp = await createTargetBench()
  v1 = await app(setUp.docker, 'v1')
  v2 = await app(setUp.docker, 'v2')
  await setUp.dispose()
}, 240_000)
beforeEach(async () => {
  bench = await createTargetBench()
})
afterEach(() => bench.dispose())
afterAll(() => removeApps(built))

async function app(docker: TargetBench['docker'], version: string, env: AppEnv = {}): Promise<string> {
  const image = await buildApp(docker, version, env)
  built.add(image)
  return image
}

const deploy = (image: string, version = '') => ({ do: 'deploy', from: { image }, version }) as const
const place = () => dockerPlace(bench.tools, 'shop', bench.target)!

it('deploys, and deploys the next version under load without a failed request', async () => {
  const first = await bench.act(bench.spec(deploy(v1, 'v1')))
  expect(first).toMatchObject({
    exit: { code: 0, error: null },
    outputs: { verified: 'true', state: 'healthy' },
  })
  expect(JSON.parse(first.outputs.release!)).toMatchObject({
    version: 'v1',
    image: expect.stringMatching(/^sha256:/),
  })
  expect(await bench.get('/')).toBe('200 v1')

  const loading = load(bench.port, 100)
  await loading.answered(50)
  const second = await bench.act(bench.spec(deploy(v2, 'v2')))
  await loading.answered(50)
  const result = await loading.end()
  expect(second.exit.code).toBe(0)
  expect(result.failed).toEqual([])
  expect([...new Set(result.bodies)]).toEqual(['v1', 'v2'])
  // The old one is kept, stopped; the new one is the other colour.
  const kept = await releases(place())
  expect(kept.map(({ State, Labels }) => [State, Labels['amphitheatre.colour']])).toEqual([
    ['running', 'green'],
    ['exited', 'blue'],
  ])
}, 120_000)

it('holds a build by what its task may have, and ends it in Docker when it is stopped', async () => {
  const workspace = join(bench.folder, 'code')
  mkdirSync(workspace)
  const steps = [`FROM ${AGENT_IMAGE}`, `ENV NONCE=${bench.install}`, 'RUN echo begun; sleep 1000']
  writeFileSync(join(workspace, 'Dockerfile'), steps.join('\n'))
  const resources = { cpus: 1, memoryBytes: 128 * 1024 * 1024, pids: 50 }
  const spec = bench.spec({ do: 'deploy', from: { build: '.' }, version: '' }, { workspace, resources })
  await bench.runner.start(spec)
  let said = ''
  for await (const piece of bench.runner.output(spec.attempt, 0, AbortSignal.timeout(60_000))) {
    said += Buffer.from(piece).toString()
    if (/^begun$/m.test(said)) break
  }
  const id = [...said.matchAll(/Running in ([0-9a-f]+)/g)].at(-1)![1]!
  const { HostConfig } = await bench.docker.getContainer(id).inspect()
  expect(HostConfig).toMatchObject({ Memory: resources.memoryBytes, CpuQuota: 100_000, NetworkMode: 'none' })
  await bench.runner.stop(spec.attempt, 0)
  expect((await bench.ended(spec)).exit.code).toBe(143)
  while ((await look(bench.docker, id)) !== undefined);
}, 120_000)

it('is locked down as agents are, published on the loopback address only', async () => {
  await bench.act(bench.spec(deploy(v1)))
  const { HostConfig, Config } = (await answering(place()))!
  expect(HostConfig).toMatchObject({
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    PortBindings: {},
    RestartPolicy: { Name: 'always' },
  })
  expect(Config.User).toBe('12345:12345')
  const all = await bench.docker.listContainers({
    filters: { label: [`amphitheatre.install=${bench.install}`] },
  })
  const ports = all.flatMap(({ Ports }) => Ports.filter(({ PublicPort }) => PublicPort !== undefined))
  expect(ports.map(({ IP, PublicPort }) => [IP, PublicPort])).toEqual([['127.0.0.1', bench.port]])
}, 120_000)

it('leaves the old version answering and everything as before when the new one is not healthy', async () => {
  await bench.act(bench.spec(deploy(v1)))
  const before = await names()
  const bad = await app(bench.docker, 'bad', { HEALTH: '500' })
  const target = quick(5_000)
  const loading = load(bench.port, 50)
  const end = await bench.act(bench.spec(deploy(bad), { target }))
  const result = await loading.end()
  expect(end.exit).toMatchObject({
    code: 1,
    error: expect.stringMatching(/not healthy within 5 s: it answers 500/),
  })
  expect(end.outputs).toEqual({})
  expect(result.failed).toEqual([])
  expect(new Set(result.bodies)).toEqual(new Set(['v1']))
  expect(await names()).toEqual(before)

  const crashing = await app(bench.docker, 'crash', { CRASH: '1' })
  const crashed = await bench.act(bench.spec(deploy(crashing)))
  expect(crashed.exit.error).toMatch(/ended with code 3.*cannot find its configuration/s)
  expect(await names()).toEqual(before)
}, 120_000)

it('goes back by itself when the new version is healthy but does not verify, or stays where it is told to', async () => {
  await bench.act(bench.spec(deploy(v1)))
  const before = await names()
  const bad = await app(bench.docker, 'worse', { ROOT: '500' })
  const short = { ...bench.target.verify, timeoutMs: 200 }
  const end = await bench.act(bench.spec(deploy(bad), { target: { ...bench.target, verify: short } }))
  expect(end.exit.error).toMatch(/does not verify: \/ answers 500.*before answers again/s)
  expect(end.outputs).toMatchObject({ verified: 'false', back: 'true' })
  expect(end.outputs).not.toHaveProperty('state')
  expect(await bench.get('/')).toBe('200 v1')
  expect(await names()).toEqual(before)

  const stay = { ...short, onFailure: 'stay' as const }
  const left = await bench.act(bench.spec(deploy(bad), { target: { ...bench.target, verify: stay } }))
  expect(left.exit.code).toBe(1)
  expect(left.outputs).toMatchObject({ verified: 'false', state: 'unhealthy' })
  expect(await bench.get('/')).toBe('500 worse')
}, 120_000)

it('says which port is in use, and takes everything away again', async () => {
  const other = createServer().listen(bench.port, '127.0.0.1')
  await once(other, 'listening')
  const end = await bench.act(bench.spec(deploy(v1)))
  expect(end.exit.error).toMatch(
    new RegExp(`port ${bench.port} of this machine is in use.*another port`, 's'),
  )
  expect(await names()).toEqual([])
  expect(
    await bench.docker.listNetworks({ filters: { label: [`amphitheatre.install=${bench.install}`] } }),
  ).toEqual([])
  other.close()
}, 120_000)

it('says which target of ours has its port', async () => {
  await bench.act(bench.spec(deploy(v1)))
  const renamed = { ...bench.target, name: 'production' }
  const { exit } = await bench.act(bench.spec(deploy(v2), { target: renamed }))
  expect(exit.error).toMatch(/in use by the target staging\. .*amphi targets remove staging/)
  expect(await bench.get('/')).toBe('200 v1')
}, 120_000)

it('recreates while requests wait', async () => {
  await bench.dispose()
  bench = await createTargetBench({ strategy: 'recreate' })
  await bench.act(bench.spec(deploy(v1)))
  const loading = load(bench.port, 50)
  await loading.answered(10)
  expect((await bench.act(bench.spec(deploy(v2)))).exit.code).toBe(0)
  await loading.answered(10)
  const result = await loading.end()
  expect(result.failed).toEqual([])
  expect(result.bodies.at(-1)).toBe('v2')
  const bad = await app(bench.docker, 'bad', { HEALTH: '500' })
  expect((await bench.act(bench.spec(deploy(bad), { target: quick(300) }))).exit.code).toBe(1)
  expect(await bench.get('/')).toBe('200 v2')
}, 120_000)

it('passes WebSockets on', async () => {
  await bench.act(bench.spec(deploy(v1)))
  const socket = connect(bench.port, '127.0.0.1')
  socket.write('GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  const [head] = (await once(socket, 'data')) as [Buffer]
  expect(head.toString()).toContain('101 Switching Protocols')
  socket.write('hello')
  const [echo] = (await once(socket, 'data')) as [Buffer]
  expect(echo.toString()).toBe('hello')
  socket.destroy()
}, 120_000)

it('tells one request what its service answered that no HTTP may hold, and goes on for all others', async () => {
  await bench.act(bench.spec(deploy(v1)))
  for (const path of ['/broken', '/switch']) {
    expect(await bench.get(path)).toMatch(/^502 The service/)
    expect(await bench.get('/')).toBe('200 v1')
  }
  const proxy = await look(bench.docker, proxyName(place()))
  expect(proxy).toMatchObject({ RestartCount: 0, State: { Running: true } })
}, 120_000)

it('stops at a safe point, the old version answering', async () => {
  await bench.act(bench.spec(deploy(v1)))
  const before = await names()
  const slow = await app(bench.docker, 'slow', { HEALTH: '500' })
  const spec = bench.spec(deploy(slow))
  await bench.runner.start(spec)
  await said(spec, /Wait until/)
  await bench.runner.stop(spec.attempt, 0)
  expect((await bench.ended(spec)).exit).toMatchObject({ code: 143, error: null })
  expect(await bench.get('/')).toBe('200 v1')
  expect(await names()).toEqual(before)
}, 120_000)

/** A target that gives up soon. */
function quick(withinMs: number): TargetBench['target'] {
  const { target } = bench
  if (target.place.kind !== 'docker') throw new Error('a docker target')
  const { service } = target.place
  return {
    ...target,
    place: { ...target.place, service: { ...service, health: { ...service.health, withinMs } } },
  }
}

async function names(): Promise<readonly string[]> {
  const all = await bench.docker.listContainers({
    all: true,
    filters: { label: [`amphitheatre.install=${bench.install}`] },
  })
  return all.map(({ Names, State }) => `${Names[0]} ${State}`).toSorted()
}

async function said(spec: ActionSpec, words: RegExp): Promise<void> {
  let text = ''
  for await (const piece of bench.runner.output(spec.attempt, 0, AbortSignal.timeout(60_000))) {
    text += Buffer.from(piece).toString()
    if (words.test(text)) return
  }
  throw new Error(`it never said ${words}: ${text}`)
}
