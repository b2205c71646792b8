import { Ellipsis } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { Run } from '../../../../main/domain/state.ts'
import type { ViewName } from '../../../../preload/contract.ts'
import { type RunVerb, useRunActions } from '../../actions/runActions.ts'
import { MergeFacts } from '../../inspector/MergeFacts.tsx'
import { NeedsYou } from '../../inspector/NeedsYou.tsx'
import { Targets } from '../../inspector/Targets.tsx'
import { words as inspectorWords } from '../../inspector/words.ts'
import { isAsking } from '../../state/asking.ts'
import { useNow } from '../../state/clock.ts'
import { useRun } from '../../state/history.ts'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Menu } from '../../ui/Menu.tsx'
import { Loading, Trouble } from '../../ui/Notice.tsx'
import { Fact, Facts, PanelButtons, PanelHead, Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { Compared, Series } from './Compared.tsx'
import { durationOf, type RunEntry } from './entries.ts'
import { TaskList } from './TaskList.tsx'
import { words } from './words.ts'

interface Props {
  readonly entry: RunEntry
  readonly entries: readonly RunEntry[]
}

/** What came of a run, and what can be done with it. */
export function RunDetail({ entry, entries }: Props): ReactNode {
  const found = useRun(entry.id)
  const i = useWords(inspectorWords)
  const run = found.status === 'ready' ? found.value : undefined
  const asking = run?.attention.filter(isAsking) ?? []
  return (
    <>
      <Head entry={entry} run={run} />
      {found.status === 'failed' && <Trouble error={found.error} onRetry={found.retry} />}
      {run !== undefined && asking.length > 0 && (
        <Section title={i.needYou} tone="needs-you">
          <NeedsYou run={run} items={asking} named />
        </Section>
      )}
      <Outcome entry={entry} run={run} />
      {run === undefined ? found.status === 'loading' && <Loading /> : <Targets run={run} />}
      {run !== undefined && <MergeFacts run={run} />}
      <Compared entry={entry} entries={entries} />
      <Series entry={entry} entries={entries} />
      <TaskList entry={entry} run={run} />
    </>
  )
}

const OPEN: readonly (ViewName & ('house' | 'graph' | 'timeline' | 'events'))[] = [
  'house',
  'graph',
  'timeline',
  'events',
]
/** What can never be done with a run in its state is not listed at all. */
function menuOf(ended: boolean, paused: boolean): readonly (readonly RunVerb[])[] {
  const work: readonly RunVerb[] = ['diff', 'apply', 'discard']
  return ended ? [work] : [[paused ? 'continue' : 'pause'], work, ['stop', 'stopNow']]
}

function Head({ entry, run }: { readonly entry: RunEntry; readonly run: Run | undefined }): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const actions = useRunActions(run)
  const ended = entry.endedAt !== null
  const shown: readonly RunVerb[] = !ended
    ? ['stop']
    : run !== undefined && run.delivery === 'none' && run.tip !== run.base
      ? ['apply', 'diff', 'again']
      : ['again']
  return (
    <Section>
      <PanelHead
        glyph={<Glyph mark={entry.look.mark} size={18} progress={1} />}
        title={<h2 title={entry.title}>{entry.title}</h2>}
        about={
          <>
            {`${entry.epic}#${entry.number} · ${statuses.run[entry.look.word]}`}
            {entry.summary?.cause != null && ` · ${entry.summary.cause}`}
          </>
        }
      />
      <PanelButtons>
        {OPEN.map((view) => (
          <Button key={view} onClick={() => navigate({ view, run: entry.id, task: undefined })}>
            {w[view]}
          </Button>
        ))}
      </PanelButtons>
      {actions !== undefined && (
        <PanelButtons>
          {shown.map((verb) => (
            <Button
              key={verb}
              look={verb === 'apply' ? 'primary' : actions[verb].danger === true ? 'danger' : 'plain'}
              unavailable={actions[verb].unavailable}
              onClick={actions[verb].perform}
            >
              {actions[verb].label}
            </Button>
          ))}
          <Menu
            groups={menuOf(ended, run?.paused === true).map((group) =>
              group
                .filter((verb) => !shown.includes(verb))
                .map((verb) => {
                  const { id, label, unavailable, danger, perform } = actions[verb]
                  return { id, label, unavailable, danger: danger ?? false, onChoose: perform }
                }),
            )}
            trigger={
              <Button look="quiet" aria-label={w.more}>
                <Ellipsis size={16} aria-hidden />
              </Button>
            }
          />
        </PanelButtons>
      )}
    </Section>
  )
}

function Outcome({ entry, run }: { readonly entry: RunEntry; readonly run: Run | undefined }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const exact = (at: number): string =>
    new Date(at).toLocaleString(language, {
      dateStyle: 'medium',
      timeStyle: 'medium',
      hourCycle: 'h23',
    })
  const delivery = run?.delivery ?? entry.delivery
  const { summary } = entry
  return (
    <Section title={w.facts}>
      <Facts>
        <Fact name={w.began}>{exact(entry.startedAt)}</Fact>
        {entry.endedAt !== null && <Fact name={w.ended}>{exact(entry.endedAt)}</Fact>}
        <Fact name={w.duration}>{formatDuration(Math.round(durationOf(entry, now) / 100) * 100)}</Fact>
        {summary !== undefined && (
          <Fact name={w.tasks} tone={summary.tasks.failed > 0 ? 'bad' : undefined}>
            {w.done(summary.tasks.completed + summary.tasks.skipped, summary.tasks.total)}
            {summary.tasks.failed > 0 && `, ${w.failed(summary.tasks.failed)}`}
          </Fact>
        )}
        {summary !== undefined && <Fact name={w.attempts}>{summary.attempts}</Fact>}
        <Fact name={w.delivery} tone={delivery === 'applied' ? 'good' : undefined}>
          {delivery === undefined ? w.unknown : w.deliveries[delivery]}
        </Fact>
      </Facts>
    </Section>
  )
}
