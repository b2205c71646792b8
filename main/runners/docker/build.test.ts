import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { DEFAULT_RESOURCES } from '../../domain/project.ts'
import { type BuildTerms, buildFolder } from './build.ts'
import { readContext } from './buildContext.ts'
import { connectDocker } from './client.ts'
import { ensureTestImage, TEST_IMAGE } from './testImage.ts'

const MIB = 1024 * 1024
let root: string
let docker: Docker
let close: () => void
let lines: string[]
const built: string[] = []

beforeAll(async () => {
  ;({ docker, close } = connectDocker())
  root = mkdtempSync(join(tmpdir(), 'amphitheatre-build-'))
  await ensureTestImage(docker)
}, 60_000)
beforeEach(() => {
  lines = []
})
afterAll(async () => {
  for (const tag of new Set(built)) await docker.getImage(tag).remove({ force: true })
  close()
  rmSync(root, { recursive: true, force: true })
})

/** Each build is of other contents, so that nothing comes out of Docker's cache. */
let builds = 0
async function build(
  command: string,
  terms: BuildTerms = {},
  heard: (line: string) => void = () => undefined,
): Promise<string> {
  const path = `b${++builds}`
  mkdirSync(join(root, path))
  const nonce = `ENV NONCE=${root}-${builds}`
  writeFileSync(join(root, path, 'Dockerfile'), `FROM ${TEST_IMAGE}\n${nonce}\nRUN ${command}\n`)
  const tag = await buildFolder(
    docker,
    { folder: join(root, path), path },
    (line) => {
      lines.push(line)
      heard(line)
    },
    terms,
  )
  built.push(tag)
  return tag
}

/** The container that a command runs in, as its line of output says. */
const containerIn = (line: string): string | undefined => /Running in ([0-9a-f]+)/.exec(line)?.[1]

async function isGone(id: string): Promise<boolean> {
  const found = await docker.listContainers({ all: true, filters: { id: [id] } })
  return found.length === 0
}

it('gives what is built memory, CPU and processes like an agent’s, and the network that is asked for', async () => {
  const seen = Promise.withResolvers<Docker.ContainerInspectInfo>()
  const stop = new AbortController()
  const resources = { cpus: 0.5, memoryBytes: 64 * MIB, pids: 40 }
  const building = build('echo here; sleep 1000', { resources, network: 'run', signal: stop.signal }, () => {
    const id = lines.map(containerIn).findLast((one) => one !== undefined)
    // It runs once it prints, and is held from before that on or a moment later.
    if (lines.includes('here')) void held(id!).then(seen.resolve, seen.reject)
  })
  building.catch(() => undefined)
  const { Id, HostConfig } = await seen.promise
  expect(HostConfig).toMatchObject({
    Memory: 64 * MIB,
    MemorySwap: 64 * MIB,
    CpuPeriod: 100_000,
    CpuQuota: 50_000,
    PidsLimit: 40,
    NetworkMode: 'none',
  })
  stop.abort(new Error('stopped'))
  await expect(building).rejects.toThrow('stopped')
  while (!(await isGone(Id)));
}, 60_000)

async function held(id: string): Promise<Docker.ContainerInspectInfo> {
  for (;;) {
    const found = await docker.getContainer(id).inspect()
    if (found.HostConfig.PidsLimit) return found
  }
}

it('ends what wants more memory than it may have, and says so', async () => {
  const resources = { ...DEFAULT_RESOURCES, memoryBytes: 32 * MIB }
  // A line without an end stands in memory.
  const greedy = build('tail /dev/zero', { resources })
  await expect(greedy).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/non-zero code: 137.*wants more than 32 MiB of memory/),
    remedy: expect.stringContaining('resources: {memory: …}'),
  })
}, 60_000)

it('ends what forks without end', async () => {
  const resources = { ...DEFAULT_RESOURCES, memoryBytes: 64 * MIB, pids: 30 }
  const many = 'i=0; while [ $i -lt 200 ]; do sleep 20 & i=$((i+1)); done; echo all of them'
  // Not before it is held: Docker tells of the container when it is about to start.
  const held =
    'until grep -qx 30 /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null; do sleep 0.1; done'
  await expect(build(`${held}; ${many}`, { resources })).rejects.toMatchObject({ kind: 'refused' })
  expect(lines.join('\n')).toMatch(/fork/i)
  expect(lines).not.toContain('all of them')
}, 60_000)

it('ends what takes too long or prints without end, and says which; nothing of it is left', async () => {
  const slow = build('sleep 1000', { limits: { withinMs: 2_000 } })
  await expect(slow).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/b\d+ was ended: it did not end within 2 s/),
  })
  const loud = build('yes', { limits: { outputBytes: MIB } })
  await expect(loud).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('it printed more than 1 MiB'),
  })
  for (const id of lines.flatMap((line) => containerIn(line) ?? [])) while (!(await isGone(id)));
}, 60_000)

it('has no network where none is asked for, and says what gives it one', async () => {
  // Nothing but the loopback is there.
  const closed = build('ls /sys/class/net; exit 3', { network: 'none' })
  await expect(closed).rejects.toMatchObject({ remedy: expect.stringContaining('`network: internet`') })
  const links = lines.slice(lines.findIndex((line) => containerIn(line) !== undefined) + 1)
  expect(links.filter((line) => /^(?:lo|eth\d+)$/.test(line))).toEqual(['lo'])
  lines = []
  await build('ls /sys/class/net', { network: 'internet' })
  expect(lines).toContain('eth0')
}, 60_000)

it('touches no container that a command only names', async () => {
  const other = await docker.createContainer({
    Image: TEST_IMAGE,
    Cmd: ['true'],
    HostConfig: { Memory: 32 * MIB },
  })
  try {
    await build(`echo ' ---> Running in ${other.id.slice(0, 12)}'`)
    expect((await other.inspect()).HostConfig.PidsLimit ?? 0).toBe(0)
  } finally {
    await other.remove({ force: true })
  }
}, 60_000)

it('reads no folder that is too much, and no rules that are none', async () => {
  const folder = join(root, 'large')
  mkdirSync(folder)
  for (const name of ['Dockerfile', 'a', 'b']) writeFileSync(join(folder, name), 'x'.repeat(100))
  const files = { bytes: MIB, files: 2 }
  await expect(readContext(folder, files)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('or 2 files'),
    remedy: expect.stringContaining('.dockerignore'),
  })
  await expect(readContext(folder, { bytes: 299, files: 9 })).rejects.toMatchObject({ kind: 'refused' })
  expect((await readContext(folder, { bytes: 300, files: 3 })).files).toHaveLength(3)
  symlinkSync('/dev/zero', join(folder, '.dockerignore'))
  await expect(readContext(folder)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('.dockerignore'),
  })
})
