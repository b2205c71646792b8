import type { ReactNode } from 'react'
import type { RunId } from '../../../main/domain/ids.ts'
import type { Run } from '../../../main/domain/state.ts'
import { navigate, usePlace } from '../state/place.ts'
import { Button } from '../ui/Button.tsx'
import { Fact, Facts, Section } from '../ui/Panel.tsx'
import { isMergeAt, MERGE_AT } from '../views/merging/tab.ts'
import { words } from '../views/merging/words.ts'
import { useWords } from '../words/language.ts'
import css from './MergeFacts.module.css'

/** What a run has waiting to be merged; nothing where it is not checked before. */
export function MergeFacts({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const { mergeQueue, plan } = run
  if (plan.merge === undefined) return null
  const check = mergeQueue?.check ?? null
  const names = check?.tasks.map((task) => plan.tasks[task]!.id).join(', ')
  return (
    <Section title={w.tab}>
      <Facts>
        <Fact name={w.facts.inLine}>{mergeQueue?.entries.length ?? 0}</Fact>
        {mergeQueue?.held != null ? (
          <Fact name={w.facts.held} tone="warn">
            {w.heldShort}
          </Fact>
        ) : (
          check !== null && <Fact name={w.facts.checked}>{names === '' ? w.ofBranch : names}</Fact>
        )}
        <Fact name={w.facts.checks}>{mergeQueue?.lastCheck ?? 0}</Fact>
      </Facts>
      <MergeLink run={run.id} />
    </Section>
  )
}

/** The way to the queue, where it is not on the screen already. */
export function MergeLink({ run }: { readonly run: RunId }): ReactNode {
  const w = useWords(words)
  const { at, view } = usePlace()
  if (view === 'queue' && isMergeAt(at)) return null
  return (
    <div className={css['link']}>
      <Button look="quiet" onClick={() => navigate({ view: 'queue', run, at: MERGE_AT })}>
        {w.show}
      </Button>
    </div>
  )
}
