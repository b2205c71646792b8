import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { attemptId, runId, taskId } from '../../main/domain/ids.ts'
import { DEFAULT_RESOURCES } from '../../main/domain/project.ts'
import { connectDocker } from '../../main/runners/docker/client.ts'
import { containerOptions } from '../../main/runners/docker/containerSpec.ts'
import { BENCH_PROJECT, openBenchHost } from '../support/benchHost.ts'
import { atOnce, dockerTrouble, rawContainer, removeContainers, TEST_IMAGE } from '../support/docker.ts'
import type { BenchOptions, Comparison, Result } from '../support/figure.ts'
import { benchPlan, graph } from '../support/plans.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const LABEL = 'amphitheatre.bench'

/** Figure 3: no-op containers through the program, beside dockerode alone at the same concurrency and network. */
export async function noopContainers(options: BenchOptions): Promise<readonly Result[]> {
  const why = await dockerTrouble()
  if (why !== null) return [{ figure: 3, what: 'no-op containers', why }]
  const count = options.quick ? 8 : 100
  const rounds = options.quick ? 2 : 12
  const results: Comparison[] = []
  for (const concurrency of [4, 8]) {
    results.push(...(await measure({ count, rounds, concurrency })))
  }
  return results
}

interface Size {
  readonly count: number
  readonly rounds: number
  readonly concurrency: number
}

async function measure(size: Size): Promise<readonly Comparison[]> {
  const { count, rounds, concurrency } = size
  const mark = randomBytes(6).toString('hex')
  const { docker, close } = connectDocker()
  try {
    return await inTemporaryFolder(async (folder) => {
      const bench = await openBenchHost(folder)
      const plan = benchPlan(graph('wide', count), { slots: concurrency, image: TEST_IMAGE })
      const raw = (options: Docker.ContainerCreateOptions) => (): Promise<number> =>
        timed(() => atOnce(count, concurrency, () => rawContainer(docker, options)))
      const sides = {
        ours: () => timed(() => bench.run(plan)),
        plain: raw({ ...plainOptions(), Labels: { [LABEL]: mark } }),
        hardened: raw({
          ...hardenedOptions(join(folder, 'exchange'), availableParallelism()),
          Labels: { [LABEL]: mark },
        }),
      }
      try {
        const { ours, plain, hardened } = await inTurn(sides, { rounds, warmUp: 1 })
        return [
          compare(size, 'dockerode alone, the same container options', ours, hardened, 1.05),
          compare(size, 'dockerode alone, plain containers', ours, plain, null),
        ]
      } finally {
        await bench.close()
      }
    })
  } finally {
    await removeContainers(`${LABEL}=${mark}`)
    close()
  }
}

function compare(
  { count, rounds, concurrency }: Size,
  name: string,
  ours: readonly number[],
  raw: readonly number[],
  atMost: number | null,
): Comparison {
  return {
    figure: 3,
    what: `${count} no-op containers, ${concurrency} at a time`,
    unit: 'ms',
    ours: { name: 'the program: command to run over and containers removed', value: median(ours) },
    other: { name: `${name}: create, start, wait, remove`, value: median(raw) },
    ratio: pairedRatio(ours, raw),
    target: atMost === null ? null : { atMost },
    how: `${rounds} rounds in turn after one to warm up, network none, workspace none`,
    notes: [],
  }
}

function plainOptions(): Docker.ContainerCreateOptions {
  return { Image: TEST_IMAGE, Cmd: ['sh', '-c', 'true'], HostConfig: { NetworkMode: 'none' } }
}

/** What the program asks of Docker for such an agent, so that the difference is the program and not the hardening. */
function hardenedOptions(exchange: string, cpus: number): Docker.ContainerCreateOptions {
  mkdirSync(exchange)
  const run = runId('bench')
  const spec = {
    project: BENCH_PROJECT,
    run,
    attempt: attemptId(run, taskId('t'), 1),
    task: 't',
    agent: 'Bench/t#1',
    image: TEST_IMAGE,
    command: 'true',
    env: {},
    workspace: null,
    readOnly: [],
    readOnlyMounts: [],
    exchange,
    network: 'none',
    resources: DEFAULT_RESOURCES,
    tty: { columns: 120, rows: 32 },
    door: null,
  } as const
  const host = { install: 'bench', uid: 1000, gid: 1000, cpus, network: 'none' }
  // Without the latch, which would let only the first run.
  return { ...containerOptions(spec, host), Entrypoint: ['sh', '-c', 'true'] }
}
