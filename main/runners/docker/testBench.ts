import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { type AttemptId, attemptId, projectId, runId, taskId } from '../../domain/ids.ts'
import { DEFAULT_RESOURCES } from '../../domain/project.ts'
import type { AgentExit, AgentSpec, Runner } from '../../engine/ports/runner.ts'
import { connectDocker } from './client.ts'
import { LABELS, withLabels } from './labels.ts'
import { createDockerRunner } from './runner.ts'
import { ensureTestImage, TEST_IMAGE } from './testImage.ts'

/** A user of the containers that is neither root nor anyone's. */
export const TEST_UID = 12345

/** A runner with an install id of its own on a real daemon; `dispose` fails when anything of it is left over. */
export interface TestBench {
  readonly install: string
  readonly docker: Docker
  readonly runner: Runner
  readonly folder: string
  /** A second engine over the same containers. */
  another(): Runner
  spec(task: string, command: string, more?: Partial<AgentSpec>): AgentSpec
  /** Starts, waits, removes. */
  runOnce(spec: AgentSpec): Promise<AgentExit>
  outputOf(attempt: AttemptId, from?: number): Promise<string>
  dispose(): Promise<void>
}

export async function createTestBench(socketPath?: string): Promise<TestBench> {
  const install = `test-${randomBytes(6).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-runner-'))
  const { docker, close } = connectDocker(socketPath)
  // A daemon of a test's own has been given the image.
  if (socketPath === undefined) await ensureTestImage(docker)
  const runners: Runner[] = []
  const another = (): Runner => {
    const socket = socketPath === undefined ? {} : { socketPath }
    const made = createDockerRunner({ install, uid: TEST_UID, gid: TEST_UID, ...socket })
    runners.push(made)
    return made
  }
  const runner = another()

  const spec = (task: string, command: string, more: Partial<AgentSpec> = {}): AgentSpec => {
    const run = runId(`run-${install}`)
    const attempt = attemptId(run, taskId(task), 1)
    return {
      project: projectId('test'),
      run,
      attempt,
      task,
      agent: `Tester/${task}#1`,
      image: TEST_IMAGE,
      command,
      env: {},
      workspace: null,
      readOnly: [],
      readOnlyMounts: [],
      exchange: join(folder, task),
      network: 'none',
      resources: DEFAULT_RESOURCES,
      tty: null,
      door: null,
      ...more,
    }
  }

  return {
    install,
    docker,
    runner,
    folder,
    another,
    spec,
    runOnce: async (one) => {
      await runner.start(one)
      const exit = await runner.wait(one.attempt, AbortSignal.timeout(30_000))
      await runner.remove(one.attempt)
      return exit
    },
    outputOf: async (attempt, from = 0) => {
      const pieces: Uint8Array[] = []
      for await (const piece of runner.output(attempt, from, AbortSignal.timeout(30_000))) pieces.push(piece)
      return Buffer.concat(pieces).toString()
    },
    dispose: async () => {
      for (const one of runners) await one.close()
      const filters = withLabels({ [LABELS.install]: install })
      const left = await docker.listContainers({ all: true, filters })
      await Promise.all(left.map((info) => docker.getContainer(info.Id).remove({ force: true, v: true })))
      const networks = await docker.listNetworks({ filters })
      await Promise.all(networks.map((network) => docker.getNetwork(network.Id).remove()))
      close()
      rmSync(folder, { recursive: true, force: true })
      if (left.length > 0)
        throw new Error(`containers left over: ${left.map((info) => info.Names).join(' ')}`)
    },
  }
}
