import type { AgentWait } from '../../../../main/domain/conflicts/waitsOf.ts'
import { type Lock, lockWords } from '../../../../main/domain/locks/lock.ts'
import type { useWords } from '../../words/language.ts'
import type { LockEdge, WaitEdge } from './waits.ts'
import type { words } from './words.ts'

type Words = ReturnType<typeof useWords<(typeof words)['en']>>

/** `src/a.ts + 2` */
export function brief(
  w: Pick<Words, 'andMore'>,
  locks: readonly Lock[],
  say: (lock: Lock) => string = lockWords,
): string {
  const [first] = locks
  if (first === undefined) return ''
  return locks.length === 1 ? say(first) : w.andMore(say(first), locks.length - 1)
}

/** What the name of a line is: the thing, or the kind of wait. */
export function labelOf(w: Words, edge: WaitEdge): string {
  return 'wait' in edge ? w.waitKinds[edge.wait.kind] : brief(w, unique(edge), ({ on }) => on)
}

/** All of it, for a hint and for those who do not see the lines. */
export function wholeOf(w: Words, edge: WaitEdge): string {
  return 'wait' in edge ? said(w, edge.wait) : unique(edge).map(lockWords).join(', ')
}

function said(w: Words, { kind, text }: AgentWait): string {
  return `${w.waitKinds[kind]}: ${text}`
}

function unique({ over }: LockEdge): readonly Lock[] {
  return over.filter(
    (lock, i) => over.findIndex((other) => other.on === lock.on && other.kind === lock.kind) === i,
  )
}
