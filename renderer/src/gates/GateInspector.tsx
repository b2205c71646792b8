import { ChevronLeft } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { formatDuration } from '../../../main/domain/duration.ts'
import { personOf } from '../../../main/domain/gates/approving.ts'
import type { GateView } from '../../../main/domain/gates/gateViews.ts'
import type { GatesAtPlace } from '../../../main/domain/gates/placeKey.ts'
import type { Run } from '../../../main/domain/state.ts'
import { words as inspectorWords } from '../inspector/words.ts'
import { useNow } from '../state/clock.ts'
import { navigate } from '../state/place.ts'
import { usePreference } from '../state/preferences.ts'
import { IconButton } from '../ui/Button.tsx'
import { Glyph } from '../ui/Glyph.tsx'
import { Fact, Facts, PanelHead, Section } from '../ui/Panel.tsx'
import { timeText } from '../views/events/timeText.ts'
import { useWords } from '../words/language.ts'
import { Conditions } from './Conditions.tsx'
import { Decide } from './Decide.tsx'
import css from './GateInspector.module.css'
import { consequences, GATE_MARKS, lookOfGate, placeTitle } from './looks.ts'
import { words } from './words.ts'

/** What stands at one place of a run: each gate with its conditions, what they rest on, and what a person may do. */
export function GateInspector({
  run,
  place,
}: {
  readonly run: Run
  readonly place: GatesAtPlace
}): ReactNode {
  return place.views.map((view, i) => <One key={view.spec.name} run={run} view={view} isFirst={i === 0} />)
}

function One({
  run,
  view,
  isFirst,
}: {
  readonly run: Run
  readonly view: GateView
  readonly isFirst: boolean
}): ReactNode {
  const w = useWords(words)
  const { spec, record } = view
  return (
    <>
      <Section>
        <Head run={run} view={view} isFirst={isFirst} />
        {record !== null && record.trouble !== null && (
          <div className={css['trouble']}>
            <p>{record.trouble.error}</p>
            <p className="muted">{record.trouble.remedy}</p>
          </div>
        )}
        <Skipped view={view} />
      </Section>
      {record !== null && (record.state === 'waiting' || record.state === 'failed') && (
        <Section title={w.decide} {...(record.state === 'waiting' ? { tone: 'needs-you' } : {})}>
          <Decide run={run} record={record} />
        </Section>
      )}
      {record?.state === 'evaluating' && spec.maySkip !== null && (
        <Section title={w.decide}>
          <Decide run={run} record={record} />
        </Section>
      )}
      <Section title={w.conditions}>
        <Conditions project={run.project} view={view} />
      </Section>
      <GateFacts run={run} view={view} />
    </>
  )
}

function Head({
  run,
  view,
  isFirst,
}: {
  readonly run: Run
  readonly view: GateView
  readonly isFirst: boolean
}): ReactNode {
  const w = useWords(words)
  const i = useWords(inspectorWords)
  const now = useNow()
  const heading = useRef<HTMLHeadingElement>(null)
  const { spec, record, at } = view
  const look = lookOfGate(view)
  const isOpen = look === 'waiting' || look === 'evaluating'
  const time = isOpen ? ` ${formatDuration(Math.max(0, now - record!.since))}` : ''
  useEffect(() => {
    if (!isFirst) return
    const onFocus = (): void => heading.current?.focus()
    window.addEventListener(FOCUS, onFocus)
    return () => window.removeEventListener(FOCUS, onFocus)
  }, [isFirst])
  return (
    <PanelHead
      glyph={<Glyph mark={GATE_MARKS[look]} size={18} />}
      title={
        <h2 ref={heading} tabIndex={-1}>
          {spec.title}
        </h2>
      }
      about={
        <>
          {spec.name !== spec.title && `${w.gate} ${spec.name} · `}
          {placeTitle(w, run, at)} · <span className={css['whole']}>{w.states[look]}</span>
          {time}
        </>
      }
    >
      {isFirst && (
        <IconButton label={i.back} onClick={() => navigate({ at: undefined })}>
          <ChevronLeft size={16} aria-hidden />
        </IconButton>
      )}
    </PanelHead>
  )
}

const FOCUS = 'amphitheatre:focus-gate'

/** Puts the keyboard's focus on the gate that is shown. */
export function focusGate(): void {
  window.dispatchEvent(new Event(FOCUS))
}

function Skipped({ view: { record } }: { readonly view: GateView }): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  if (record === null || record.skipped === null) return null
  const { by, at, why } = record.skipped
  return (
    <p className={css['said']}>
      {w.letPassBy(personOf(by) ?? by, timeText(at, Date.now(), language))}
      {why !== '' && <q>{why}</q>}
    </p>
  )
}

function GateFacts({ run, view }: { readonly run: Run; readonly view: GateView }): ReactNode {
  const w = useWords(words)
  const { record, spec, at } = view
  const follows = consequences(w, run, at)
  return (
    <Section>
      <Facts>
        {record?.commit != null && (
          <Fact name={w.commit}>
            <code>{record.commit.slice(0, 7)}</code>
          </Fact>
        )}
        {record !== null && <Fact name={w.rounds}>{w.times(record.rounds)}</Fact>}
        {record?.state !== 'waiting' && record?.state !== 'passed' && record?.state !== 'skipped' && (
          <>
            <Fact name={w.ifPasses}>{follows.yes}</Fact>
            <Fact name={w.ifNot}>{follows.no}</Fact>
          </>
        )}
        {spec.maySkip !== null && (
          <Fact name={w.maySkip}>
            {spec.maySkip.people === null ? w.anybody : spec.maySkip.people.join(', ')}
          </Fact>
        )}
      </Facts>
    </Section>
  )
}
