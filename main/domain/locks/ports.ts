import type { TaskSpec } from '../project.ts'
import type { LockTable } from './changes.ts'
import type { Lock } from './lock.ts'

/** Ports that tasks lease from a range, each as the lock `port:NNNN` of its attempt. */

/** Both are among them. */
export interface PortRange {
  readonly from: number
  readonly to: number
}

export function portLock(port: number): Lock {
  return { kind: 'resource', on: `port:${port}`, mode: 'exclusive' }
}

/** The lowest free ones; where too few are free, those that the fewest wait for. */
export function choosePorts(
  table: LockTable,
  range: PortRange | undefined,
  count: number,
): readonly number[] {
  if (range === undefined || count === 0) return []
  const wanted = new Map<string, number>()
  for (const { locks } of [...table.grants, ...table.waiters])
    for (const { kind, on } of locks) if (kind === 'resource') wanted.set(on, (wanted.get(on) ?? 0) + 1)
  const ports = Array.from({ length: range.to - range.from + 1 }, (_, i) => range.from + i)
  const rush = (port: number): number => wanted.get(`port:${port}`) ?? 0
  return ports.sort((a, b) => rush(a) - rush(b) || a - b).slice(0, count)
}

/** What an agent's environment says of its ports. */
export function portVariables(
  { ports: names = [] }: TaskSpec,
  ports: readonly number[] = [],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name, i) => (ports[i] === undefined ? [] : [[name, String(ports[i])]])),
  )
}
