import { randomBytes } from 'node:crypto'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AttemptId, attemptId, projectId, runId, taskId } from '../../domain/ids.ts'
import { DEFAULT_RESOURCES } from '../../domain/project.ts'
import type { AgentSpec, Runner } from '../../engine/ports/runner.ts'
import type { RunnerBench } from '../testing/runnerContract.ts'
import { keyOf, markerOf } from './layout.ts'
import { createProcessRunner } from './runner.ts'
import { everyProcessOf } from './tree.ts'

/** Whom agents run as when the tests run as root: neither root nor anyone. */
export const TEST_UID = 12345

export interface ProcessBench extends RunnerBench {
  readonly install: string
  readonly dataDir: string
  /** Processes that carry the agent's marker. */
  strays(attempt: AttemptId): readonly string[]
}

export async function createProcessBench(): Promise<ProcessBench> {
  const install = `test-${randomBytes(6).toString('hex')}`
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'amphi-processes-')))
  const dataDir = join(folder, 'data')
  const runners: Runner[] = []
  const another = (): Runner => {
    const made = createProcessRunner({ install, dataDir, uid: TEST_UID, gid: TEST_UID })
    runners.push(made)
    return made
  }
  const runner = another()
  const started: AttemptId[] = []
  return {
    install,
    dataDir,
    runner,
    folder,
    another,
    strays: (attempt) => strayOf(install, attempt),
    spec: (task, command, more = {}) => {
      const made = specOf(install, join(folder, task), task, command, more)
      started.push(made.attempt)
      return made
    },
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
      const left = await runner.list()
      for (const { attempt } of left) await runner.remove(attempt)
      for (const one of runners) await one.close()
      const strays = started.flatMap((attempt) => strayOf(install, attempt))
      rmSync(folder, { recursive: true, force: true })
      if (left.length > 0) throw new Error(`agents left over: ${left.map((one) => one.attempt).join(' ')}`)
      if (strays.length > 0) throw new Error(`processes left over: ${strays.join(' ')}`)
    },
  }
}

function specOf(
  install: string,
  exchange: string,
  task: string,
  command: string,
  more: Partial<AgentSpec>,
): AgentSpec {
  const run = runId(`run-${install}`)
  return {
    project: projectId('test'),
    run,
    attempt: attemptId(run, taskId(task), 1),
    task,
    agent: `Tester/${task}#1`,
    image: 'this machine',
    command,
    env: {},
    workspace: null,
    readOnly: [],
    readOnlyMounts: [],
    exchange,
    network: 'none',
    resources: DEFAULT_RESOURCES,
    tty: null,
    door: null,
    ...more,
  }
}

function strayOf(install: string, attempt: AttemptId): readonly string[] {
  const marker = markerOf(keyOf(install, attempt)).join('=')
  return everyProcessOf(null, marker).map(({ pid }) => `${attempt} (${pid})`)
}
