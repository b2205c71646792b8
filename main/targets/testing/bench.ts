import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { attemptId, projectId, runId, taskId } from '../../domain/ids.ts'
import { DEFAULT_RESOURCES } from '../../domain/project.ts'
import type { TargetSpec, TaskAction } from '../../domain/targets/target.ts'
import type { AgentExit, Runner } from '../../engine/ports/runner.ts'
import { AGENT_IMAGE, ensureAgentImage } from '../../runners/docker/agentImage.ts'
import { connectDocker } from '../../runners/docker/client.ts'
import { LABELS, withLabels } from '../../runners/docker/labels.ts'
import type { ActionSpec } from '../actions.ts'
import { createTargets, type TargetOptions } from '../createTargets.ts'
import type { DockerTools } from '../docker/place.ts'

/** A target runner with an install of its own on the machine's Docker; `dispose` takes all of it away. */
export interface TargetBench {
  readonly docker: Docker
  readonly install: string
  readonly folder: string
  readonly port: number
  readonly target: TargetSpec
  readonly tools: DockerTools
  runner: Runner
  /** The next program over the same folder. */
  restart(): Promise<void>
  spec(action: TaskAction, more?: Partial<ActionSpec> & { readonly target?: TargetSpec }): ActionSpec
  /** Starts it and waits for its end. */
  act(spec: ActionSpec): Promise<Acted>
  ended(spec: ActionSpec): Promise<Acted>
  get(path: string): Promise<string>
  dispose(): Promise<void>
}

export interface Acted {
  readonly exit: AgentExit
  readonly outputs: Readonly<Record<string, string>>
  readonly said: string
}

const WAIT_MS = 120_000

export async function createTargetBench(
  change: Partial<TargetSpec> & { readonly strategy?: 'recreate' } = {},
  points?: TargetOptions['points'],
  /** Another way to Docker than the machine's. */
  socketPath?: string,
  answerMs?: number,
): Promise<TargetBench> {
  const install = `test-${randomBytes(6).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-targets-'))
  const { docker, close } = connectDocker()
  await ensureAgentImage(docker, () => undefined)
  const port = await freePort()
  const target = targetSpec(port, change)
  const uid = 12345
  const options = {
    ...{ install, dataDir: folder, uid, gid: uid },
    ...(points === undefined ? {} : { points }),
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(answerMs === undefined ? {} : { answerMs }),
  }
  let count = 0
  const bench: TargetBench = {
    docker,
    install,
    folder,
    port,
    target,
    tools: { ...options, docker, cpus: () => Promise.resolve(1) },
    runner: createTargets(options).runner,
    restart: async () => {
      await bench.runner.close()
      bench.runner = createTargets(options).runner
    },
    spec: (action, { target: other = target, ...more } = {}) => {
      const attempt = attemptId(runId('run-1'), taskId(`task-${++count}`), 1)
      return {
        project: projectId('shop'),
        run: runId('run-1'),
        attempt,
        task: `task-${count}`,
        agent: `DeployCommander/task-${count}#1`,
        image: AGENT_IMAGE,
        command: action.do === 'migrate' ? action.run : '',
        env: {},
        workspace: null,
        readOnly: [],
        readOnlyMounts: [],
        exchange: join(folder, 'exchange', String(count)),
        network: 'run',
        resources: DEFAULT_RESOURCES,
        tty: null,
        door: null,
        action: { action, target: other, root: folder, commit: null, known: null, points: [], at: 0 },
        ...more,
      }
    },
    act: async (spec) => {
      await bench.runner.start(spec)
      return bench.ended(spec)
    },
    ended: async (spec) => {
      const exit = await bench.runner.wait(spec.attempt, AbortSignal.timeout(WAIT_MS))
      const pieces: Uint8Array[] = []
      const stream = bench.runner.output(spec.attempt, 0, AbortSignal.timeout(WAIT_MS))
      for await (const piece of stream) pieces.push(piece)
      return { exit, outputs: outputsOf(spec), said: Buffer.concat(pieces).toString() }
    },
    get: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })
      return `${answer.status} ${await answer.text()}`
    },
    dispose: async () => {
      await bench.runner.close()
      await removeAll(docker, install)
      close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return bench
}

export function targetSpec(
  port: number,
  { strategy, ...change }: Partial<TargetSpec> & { readonly strategy?: 'recreate' } = {},
): TargetSpec {
  return {
    name: 'staging',
    title: 'Staging',
    place: {
      kind: 'docker',
      strategy: strategy ?? 'blue-green',
      port,
      service: {
        port: 3000,
        env: {},
        health: { path: '/health', intervalMs: 50, timeoutMs: 2_000, withinMs: 30_000 },
        internet: false,
        writable: false,
        resources: DEFAULT_RESOURCES,
      },
    },
    database: null,
    verify: { paths: ['/'], run: null, image: null, settleMs: 0, timeoutMs: 2_000, onFailure: 'back' },
    points: { keep: 3, maxAgeMs: null, test: null, remote: null },
    gates: [],
    envFiles: [],
    ...change,
  }
}

function outputsOf(spec: ActionSpec): Readonly<Record<string, string>> {
  const text = readFileSync(join(spec.exchange, 'output'), 'utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

/**
 * Everything of one install: containers, networks, volumes. An engine that was killed may have asked for some of it to
 * go: Docker refuses to be asked twice, and keeps networks and volumes until their containers are gone.
 */
export async function removeAll(docker: Docker, install: string): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const removals = await allOf(docker, withLabels({ [LABELS.install]: install }))
    if (removals.length === 0) return
    const settled = await Promise.allSettled(removals.map((remove) => remove()))
    const refused = settled.find((one) => one.status === 'rejected')
    if (refused !== undefined && performance.now() > deadline) throw refused.reason as Error
    if (refused !== undefined) await delay(50)
  }
}

/** Ways to take away what there is of it: containers, and once there are none, the rest. */
async function allOf(docker: Docker, filters: Filters): Promise<readonly (() => Promise<unknown>)[]> {
  const containers = await docker.listContainers({ all: true, filters })
  const removals = containers.map(
    ({ Id }) =>
      () =>
        docker.getContainer(Id).remove({ force: true, v: true }),
  )
  if (removals.length > 0) return removals
  const networks = await docker.listNetworks({ filters })
  const { Volumes } = await docker.listVolumes({ filters })
  return [
    ...networks.map(
      ({ Id }) =>
        () =>
          docker.getNetwork(Id).remove(),
    ),
    ...Volumes.map(
      ({ Name }) =>
        () =>
          docker.getVolume(Name).remove(),
    ),
  ]
}

type Filters = ReturnType<typeof withLabels>

export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  await new Promise((resolve) => server.close(resolve))
  return port
}
