import type { HandProcesses } from '../../engine/ports/handProcesses.ts'
import { bootId, isAlive, lookAt } from './processes.ts'

/** The processes of this machine. A number that was given to another process since, or a boot that is over, is nobody. */
export function handProcesses(): HandProcesses {
  const alive: HandProcesses['isAlive'] = ({ pid, start, boot }) =>
    boot === bootId() && isAlive({ pid, start })
  return {
    isAlive: alive,
    signal: (ref, signal) => {
      if (!alive(ref)) return
      try {
        process.kill(ref.pid, signal)
      } catch {
        // Over since, or another user's.
      }
    },
  }
}

/** What names a process for ever; undefined where there is none with this number. */
export function processRef(pid: number): Parameters<HandProcesses['isAlive']>[0] | undefined {
  const found = lookAt(pid)
  return found === undefined || found.dead ? undefined : { pid, start: found.start, boot: bootId() }
}
