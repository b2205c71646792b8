import { readdirSync, readFileSync } from 'node:fs'
import type { AgentExit } from '../../engine/ports/runner.ts'
import { lookAt, type ProcessInfo } from './processes.ts'
import type { SupervisedSpec } from './record.ts'

const LOOK_MS = 3_000

/** Why an agent is ended. */
export type Excess = Pick<AgentExit, 'oomKilled' | 'error'>

/**
 * Looks at an agent's processes now and then, where the kernel does not limit them (Linux only: elsewhere each look
 * would start a program). Calls back once when they are over a limit. Returns the way to stop.
 */
export function watchLimits(
  root: number,
  watched: SupervisedSpec['watched'],
  exceeded: (excess: Excess) => void,
): () => void {
  if (process.platform !== 'linux') return () => undefined
  const timer = setInterval(() => {
    const excess = excessOf(descendantsOf(root), watched)
    if (excess === undefined) return
    clearInterval(timer)
    exceeded(excess)
  }, LOOK_MS)
  return () => clearInterval(timer)
}

export function excessOf(
  family: readonly Pick<ProcessInfo, 'memoryBytes'>[],
  { memoryBytes, processes }: SupervisedSpec['watched'],
): Excess | undefined {
  const used = family.reduce((sum, one) => sum + one.memoryBytes, 0)
  if (memoryBytes !== null && used > memoryBytes) return { oomKilled: true, error: null }
  if (processes === null || family.length <= processes) return undefined
  return { oomKilled: false, error: `It had ${family.length} processes at once; ${processes} are allowed.` }
}

/** A few small reads, where a look at all processes of the machine would cost hundreds. */
function descendantsOf(root: number): readonly ProcessInfo[] {
  const found: ProcessInfo[] = []
  const queue = [root]
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    const info = lookAt(pid)
    if (info === undefined) continue
    found.push(info)
    queue.push(...childrenOf(pid))
  }
  return found
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
        .split(' ')
        .filter((word) => word !== '')
        .map(Number),
    )
  } catch {
    // It ended meanwhile, or the kernel does not tell.
    return []
  }
}
