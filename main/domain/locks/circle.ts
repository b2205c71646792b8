import { parseAttemptId } from '../ids.ts'

/**
 * The wait graph: who waits for whom, whatever for (locks, an answer, a hand-off). A wait that would close a circle is
 * refused before it begins, so that none ever stands.
 */
export type Waits = ReadonlyMap<string, readonly string[]>

/** The way from one of `firsts` back to `start`, `start` left out at the end; undefined when there is none. */
export function circleFrom(
  waits: Waits,
  start: string,
  firsts: readonly string[],
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  const open: string[] = []
  const reach = (node: string, from: string): boolean => {
    if (cameFrom.has(node)) return false
    cameFrom.set(node, from)
    open.push(node)
    return node === start
  }
  for (const first of firsts) if (reach(first, start)) return [start]
  for (let node = open.shift(); node !== undefined; node = open.shift())
    for (const next of waits.get(node) ?? []) if (reach(next, node)) return pathTo(cameFrom, start)
  return undefined
}

function pathTo(cameFrom: ReadonlyMap<string, string>, start: string): readonly string[] {
  const way: string[] = []
  for (let node = cameFrom.get(start)!; node !== start; node = cameFrom.get(node)!) way.unshift(node)
  return [start, ...way]
}

/** `a waits for b, b waits for a`. */
export function circleWords(circle: readonly string[]): string {
  const names = circle.map(nameOf)
  return names.map((name, i) => `${name} waits for ${names[(i + 1) % names.length]}`).join(', ')
}

/** For people: the task's name; of one that was started by hand its own. */
export function nameOf(holder: string): string {
  return parseAttemptId(holder)?.task ?? holder
}
