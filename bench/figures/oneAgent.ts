import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openBenchHost } from '../support/benchHost.ts'
import { dockerTrouble, TEST_IMAGE } from '../support/docker.ts'
import type { BenchOptions, Comparison, Result } from '../support/figure.ts'
import { benchPlan } from '../support/plans.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const run = promisify(execFile)

/** Figure 12: one agent through the running program, beside `docker run` of the same command. */
export async function oneAgent(options: BenchOptions): Promise<readonly Result[]> {
  const why = (await dockerTrouble()) ?? (await noCommandLine())
  if (why !== null) return [{ figure: 12, what: 'one agent', why }]
  const rounds = options.quick ? 3 : 15
  const results: Comparison[] = []
  for (const command of ['true', 'sleep 1']) results.push(await measure(command, rounds))
  return results
}

async function measure(command: string, rounds: number): Promise<Comparison> {
  return inTemporaryFolder(async (folder) => {
    const bench = await openBenchHost(folder)
    try {
      const plan = benchPlan([{ id: 'one', run: command }], { slots: 4, image: TEST_IMAGE })
      const docker = ['run', '--rm', '--network', 'none', TEST_IMAGE, 'sh', '-c', command]
      const { ours, other } = await inTurn(
        { ours: () => timed(() => bench.run(plan)), other: () => timed(() => run('docker', docker)) },
        { rounds, warmUp: 1 },
      )
      return {
        figure: 12,
        what: `one agent, \`${command}\``,
        unit: 'ms',
        ours: { name: 'the running program: command to run over and container removed', value: median(ours) },
        other: { name: 'docker run --rm', value: median(other) },
        ratio: pairedRatio(ours, other),
        target: { atMost: 1.05 },
        how: `${rounds} pairs in turn after one to warm up, network none, workspace none`,
        notes: [],
      }
    } finally {
      await bench.close()
    }
  })
}

async function noCommandLine(): Promise<string | null> {
  try {
    await run('docker', ['--version'])
    return null
  } catch {
    return 'needs the docker command line'
  }
}
