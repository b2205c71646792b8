import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openHost } from '../../main/headless.ts'
import { RUN_LABEL } from '../support/benchHost.ts'
import { dockerTrouble, removeContainers } from '../support/docker.ts'
import type { BenchOptions, Comparison, Result } from '../support/figure.ts'
import { inTurn, median, pairedRatio } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const SUPPORT = join(import.meta.dirname, '../support')

interface Size {
  readonly containers: number
  readonly processes: number
}

/** Figure 6: the host is killed while agents run; how long until the next one has accounted for all of them. */
export async function recovery(options: BenchOptions): Promise<readonly Result[]> {
  const why = await dockerTrouble()
  if (why !== null) return [{ figure: 6, what: 'recovery after kill -9', why }]
  const results: Comparison[] = []
  for (const size of sizesOf(options)) {
    results.push(await measure(size, options.quick ? 5 : 11, options.progress))
  }
  return results
}

/** A supervisor is a Node of its own: `full` wants many GiB. */
function sizesOf({ quick, full }: BenchOptions): readonly Size[] {
  if (quick) {
    return [
      { containers: 8, processes: 0 },
      { containers: 4, processes: 12 },
    ]
  }
  const usual = [
    { containers: 100, processes: 0 },
    { containers: 20, processes: 80 },
  ]
  return full ? [...usual, { containers: 100, processes: 900 }] : usual
}

interface Times {
  readonly booted: number
  readonly loaded: number
  readonly open: number
  readonly recovered: number
}

async function measure(size: Size, rounds: number, progress: (line: string) => void): Promise<Comparison> {
  return inTemporaryFolder(async (folder) => {
    const counts = [String(size.containers), String(size.processes)]
    let label = ''
    const first = node('recoveringHost.ts', folder, ...counts)
    try {
      label = `${RUN_LABEL}=${(await first.line('docker ')).slice('docker '.length)}`
      await first.line('running')
      progress(`${nameOf(size)} run`)
      await first.kill()
      const breakdown: Times[] = []
      const ours = async (): Promise<number> => {
        const start = performance.now()
        const host = node('recoveringHost.ts', folder, ...counts)
        const line = await host.line('recovered ')
        const ms = performance.now() - start
        await host.kill()
        const found = JSON.parse(line.slice('recovered '.length)) as Times & { running: number }
        checkCount(size, found.running)
        breakdown.push(found)
        return ms
      }
      const raw = async (): Promise<number> => {
        const start = performance.now()
        const process = node('rawRecovery.ts', folder, label)
        const line = await process.line('done ')
        const ms = performance.now() - start
        await process.kill()
        checkCount(size, Number(line.slice('done '.length)))
        return ms
      }
      const sides = await inTurn({ ours, raw }, { rounds, warmUp: 1 })
      return compare(size, rounds, sides, breakdown)
    } finally {
      await first.kill()
      await stopAll(folder)
      if (label !== '') await removeContainers(label)
    }
  })
}

function checkCount(size: Size, found: number): void {
  const wanted = size.containers + size.processes
  if (found !== wanted) throw new Error(`${found} of ${wanted} were found`)
}

function nameOf({ containers, processes }: Size): string {
  return processes === 0 ? `${containers} containers` : `${containers} containers and ${processes} processes`
}

/** Supervised processes outlive their host: an engine ends them. */
async function stopAll(folder: string): Promise<void> {
  const opened = await openHost({ dataDir: join(folder, 'data') })
  if (opened.ok) await opened.host.close({ stopAgents: true })
}

function compare(
  size: Size,
  rounds: number,
  { ours, raw }: { readonly ours: readonly number[]; readonly raw: readonly number[] },
  breakdown: readonly Times[],
): Comparison {
  const part = (of: (times: Times) => number): string => `${median(breakdown.map(of)).toFixed(0)} ms`
  return {
    figure: 6,
    what: `kill -9 with ${nameOf(size)} running: until all are accounted for`,
    unit: 'ms',
    ours: { name: 'the program, from its start', value: median(ours) },
    other: {
      name: 'raw: boot, open SQLite, list the containers, look for the processes, one commit',
      value: median(raw),
    },
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
