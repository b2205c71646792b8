import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { RUN_LABEL } from '../support/benchHost.ts'
import { dockerTrouble, removeContainers } from '../support/docker.ts'
import type { BenchOptions, Comparison, Result } from '../support/figure.ts'
import { inTurn, median, pairedRatio } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const SUPPORT = join(import.meta.dirname, '../support')

/** Figure 6: the host is killed while agents run; how long until the next one has accounted for all of them. */
export async function recovery(options: BenchOptions): Promise<readonly Result[]> {
  const why = await dockerTrouble()
  if (why !== null) return [{ figure: 6, what: 'recovery after kill -9', why }]
  const sizes = options.quick ? [8] : [100, 300]
  const results: Comparison[] = []
  for (const agents of sizes) results.push(await measure(agents, options.quick ? 7 : 11, options.progress))
  return results
}

interface Times {
  readonly booted: number
  readonly loaded: number
  readonly open: number
  readonly recovered: number
}

async function measure(
  agents: number,
  rounds: number,
  progress: (line: string) => void,
): Promise<Comparison> {
  return inTemporaryFolder(async (folder) => {
    let label = ''
    const first = node('recoveringHost.ts', folder, String(agents))
    try {
      label = `${RUN_LABEL}=${(await first.line('run ')).slice('run '.length)}`
      await first.line('running')
      progress(`${agents} agents run`)
      await first.kill()
      const breakdown: Times[] = []
      const ours = async (): Promise<number> => {
        const start = performance.now()
        const host = node('recoveringHost.ts', folder, String(agents))
        const line = await host.line('recovered ')
        const ms = performance.now() - start
        await host.kill()
        const found = JSON.parse(line.slice('recovered '.length)) as Times & { running: number }
        if (found.running !== agents) throw new Error(`only ${found.running} of ${agents} were found`)
        breakdown.push(found)
        return ms
      }
      const raw = async (): Promise<number> => {
        const start = performance.now()
        const process = node('rawRecovery.ts', folder, label)
        await process.line('done ')
        const ms = performance.now() - start
        await process.kill()
        return ms
      }
      const sides = await inTurn({ ours, raw }, { rounds, warmUp: 1 })
      return compare(agents, rounds, sides, breakdown)
    } finally {
      await first.kill()
      if (label !== '') await removeContainers(label)
    }
  })
}

function compare(
  agents: number,
  rounds: number,
  { ours, raw }: { readonly ours: readonly number[]; readonly raw: readonly number[] },
  breakdown: readonly Times[],
): Comparison {
  const part = (of: (times: Times) => number): string => `${median(breakdown.map(of)).toFixed(0)} ms`
  return {
    figure: 6,
    what: `kill -9 with ${agents} containers running: until all are accounted for`,
    unit: 'ms',
    ours: { name: 'the program, from its start', value: median(ours) },
    other: { name: 'raw: boot, open SQLite, list the containers, one commit', value: median(raw) },
    ratio: pairedRatio(ours, raw),
    target: { atMost: 2 },
    how: `${rounds} kills and starts in turn after one to warm up; compile cache on both sides; raw loads better-sqlite3 and dockerode`,
    notes: [
      `of it: Node ${part((t) => t.booted)}, loading modules ${part((t) => t.loaded - t.booted)}, ` +
        `opening ${part((t) => t.open - t.loaded)}, accounting ${part((t) => t.recovered - t.open)}`,
    ],
  }
}

interface NodeProcess {
  /** The first line with this beginning. Rejects when the process ends without one. */
  line(beginning: string): Promise<string>
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

function node(script: string, ...args: readonly string[]): NodeProcess {
  const child: ChildProcess = spawn(process.execPath, [join(SUPPORT, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const over = once(child, 'exit')
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const look of waiting) look()
  }
  let ended = false
  const reader = createInterface({ input: child.stdout! })
  reader.on('line', (line) => {
    lines.push(line)
    wake()
  })
  reader.on('close', () => {
    ended = true
    wake()
  })
  return {
    line: (beginning) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.startsWith(beginning))
          if (found === undefined && !ended) return
          waiting.delete(look)
          if (found === undefined) reject(new Error(`${script} ended without '${beginning}'`))
          else resolve(found)
        }
        waiting.add(look)
        look()
      }),
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await over
    },
  }
}
