import { records, text } from '../git.ts'
import type { Hub } from '../hub.ts'
import { type ChangedPaths, changedPaths, NOTHING, type PathChange } from './changedPaths.ts'

/** What is asked of history again and again and never changes, asked once. */
export class Ancestry {
  readonly #hub: Hub
  readonly #bases = new Map<string, Promise<readonly string[]>>()
  readonly #changes = new Map<string, Promise<ChangedPaths>>()

  constructor(hub: Hub) {
    this.#hub = hub
  }

  /** The best common ancestors: one as a rule, none of unrelated commits, several after criss-cross merges. */
  bases(a: string, b: string): Promise<readonly string[]> {
    if (a === b) return Promise.resolve([a])
    return once(this.#bases, a < b ? `${a} ${b}` : `${b} ${a}`, async () => {
      const out = await this.#hub.git({ args: ['merge-base', '--all', a, b], answers: [0, 1] })
      return text(out).split('\n').filter(Boolean)
    })
  }

  /** What differs between two commits, by path; renames are not looked for. */
  changes(from: string, to: string): Promise<ChangedPaths> {
    if (from === to) return Promise.resolve(NOTHING)
    return once(this.#changes, `${from} ${to}`, async () => {
      const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-status', from, to]
      return changedPaths(changesOf(records(await this.#hub.git({ args }))))
    })
  }
}

/** Remembers answers, not failures. */
function once<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  let answer = known.get(key)
  if (answer === undefined) {
    answer = ask()
    known.set(key, answer)
    answer.catch(() => known.delete(key))
  }
  return answer
}

const STATUS = { A: 'added', D: 'deleted' } as const

function* changesOf(fields: readonly string[]): Generator<PathChange> {
  for (let at = 0; at + 1 < fields.length; at += 2) {
    yield [STATUS[fields[at] as keyof typeof STATUS] ?? 'changed', fields[at + 1]!]
  }
}
