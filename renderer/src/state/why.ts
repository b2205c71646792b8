import type { Run, State } from '../../../main/domain/state.ts'
import type { Status } from '../../../main/domain/status.ts'
import { blockersOf } from '../views/locks/entries.ts'
import { type StatusWords, sentenceOf, useStatusWords } from '../words/status.ts'
import { shortName } from './agents.ts'
import { useLive } from './session.tsx'

/** Why a task is where it is, as `sentenceOf` says it; of one that waits for locks also for which. `now`: engine time, ms. */
export function useWhy(run: Run, index: number, { why }: Pick<Status, 'why'>, now: number): string {
  const w = useStatusWords()
  const isLocked = why?.kind === 'locks'
  const locked = useLive(({ state }) => (isLocked ? lockSentence(w, state, run, index) : undefined))
  return locked ?? sentenceOf(w, run, why, now)
}

/** `waits for package.json: api-tests holds it`; undefined where the table of locks knows nothing of it. */
function lockSentence(w: StatusWords, state: State | undefined, run: Run, index: number): string | undefined {
  const { current } = run.tasks.get(index)!
  const table = state?.projects.get(run.project)?.locks
  if (current === null || table === undefined) return undefined
  const holder = `${run.id}/${run.plan.tasks[index]!.id}#${current.n}`
  const waiter = table.waiters.find((one) => one.holder === holder)
  if (waiter === undefined) return undefined
  const all = blockersOf(table, waiter)
  const [first] = all
  if (first === undefined) return undefined
  const things = [...new Set(first.over.map(({ wants }) => wants.on))]
  const what = things.length === 1 ? things[0]! : w.why.lockAndMore(things[0]!, things.length - 1)
  const who = shortName(first.holder)
  const says = first.holds ? w.why.lockHeld(what, who) : w.why.lockAhead(what, who)
  return all.length === 1 ? says : w.why.lockMore(says, all.length - 1)
}
