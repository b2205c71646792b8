import { cpus, loadavg, platform } from 'node:os'
import type { Runner } from './ports/runner.ts'
import { MachineMeter } from './usage.ts'
import type { HostReading } from './vitals.ts'

/** What does not answer within this is out of reach, ms. */
const PATIENCE_MS = 5_000

export type ReadHost = () => Promise<HostReading>

/** Looks at the machine the engine runs on, and whether what runs its agents answers. */
export function hostMeter(
  runners: ReadonlyMap<string, Runner>,
  freeBytes: () => Promise<number | null>,
): ReadHost {
  const machine = new MachineMeter()
  return async () => {
    const { memoryBytes, memoryUsedBytes } = machine.read()
    const [diskFreeBytes, ...answers] = await Promise.all([
      freeBytes().catch(() => null),
      ...[...runners].map(async ([kind, runner]) => [kind, await doesAnswer(runner)] as const),
    ])
    return {
      memoryUsed: memoryBytes > 0 ? memoryUsedBytes / memoryBytes : null,
      // Windows keeps no such figure and tells 0.
      load: platform() === 'win32' ? null : loadavg()[0]! / Math.max(1, cpus().length),
      diskFreeBytes,
      reachable: Object.fromEntries(answers),
    }
  }
}

async function doesAnswer(runner: Runner): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS)
  })
  try {
    return await Promise.race([runner.check().then(({ status }) => status === 'ready'), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
