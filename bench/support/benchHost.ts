import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { projectId, type RunId, runId } from '../../main/domain/ids.ts'
import type { Plan } from '../../main/domain/plan.ts'
import { type Host, openHost } from '../../main/headless.ts'
import { removeContainers } from './docker.ts'

/** The program as it is, on a data folder of its own, with real containers. */
export interface BenchHost {
  readonly host: Host
  /** Starts the plan; resolves when the run is over and its containers are removed. Throws unless it completed. */
  run(plan: Plan): Promise<void>
  /** Starts the plan; resolves when that is on disk. */
  startOnly(plan: Plan): Promise<RunId>
  close(): Promise<void>
}

export const BENCH_PROJECT = projectId('bench')
export const RUN_LABEL = 'amphitheatre.run'

export async function openBenchHost(folder: string, root = folder): Promise<BenchHost> {
  const opened = await openHost({ dataDir: join(folder, 'data') })
  if (!opened.ok) throw new Error('another host has the data folder')
  const { host } = opened
  const { center } = host
  const runs: RunId[] = []
  await center.dispatch({
    command: { type: 'project.register', project: BENCH_PROJECT, root, name: 'bench' },
  })
  const startOnly: BenchHost['startOnly'] = async (plan) => {
    const run = runId(`bench-${randomBytes(6).toString('hex')}`)
    runs.push(run)
    const command = { type: 'run.start', project: BENCH_PROJECT, run, runner: 'docker', plan } as const
    const outcome = await center.dispatch({ command })
    if (!outcome.ok) throw new Error(outcome.reason)
    return run
  }
  return {
    host,
    startOnly,
    run: async (plan) => {
      const run = await startOnly(plan)
      await host.idle()
      const row = (await center.runs({ limit: 1 }))[0]
      if (row?.run !== run || row.status !== 'completed') throw new Error(`run ${run}: ${row?.status}`)
    },
    close: async () => {
      await host.close()
      for (const run of runs) await removeContainers(`${RUN_LABEL}=${run}`)
    },
  }
}
