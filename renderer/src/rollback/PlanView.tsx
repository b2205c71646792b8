import type { ReactNode } from 'react'
import { formatDuration } from '../../../main/domain/duration.ts'
import type { TargetPart } from '../../../main/domain/points/point.ts'
import type { RollbackStep } from '../../../main/domain/rollback/steps.ts'
import { Glyph } from '../ui/Glyph.tsx'
import { useWords } from '../words/language.ts'
import { type Preview, rowsSince } from './points.ts'
import css from './Rollback.module.css'
import { words } from './words.ts'

/** Step by step what will happen; what stays done; what changed since. */
export function PlanView({
  preview,
  parts,
  onParts,
}: {
  readonly preview: Preview
  readonly parts: readonly TargetPart[] | undefined
  readonly onParts: (parts: readonly TargetPart[]) => void
}): ReactNode {
  const w = useWords(words)
  const { plan, facts } = preview
  const { available, steps, warnings, expectedMs } = plan
  const chosen = parts ?? available
  const stays = staysDone(w, preview)
  const turn = (part: TargetPart): void =>
    onParts(chosen.includes(part) ? chosen.filter((one) => one !== part) : [...chosen, part])
  return (
    <>
      <fieldset className={css['parts']}>
        <legend>{w.parts}</legend>
        {available.map((part) => (
          <label key={part}>
            <input type="checkbox" checked={chosen.includes(part)} onChange={() => turn(part)} />
            {w.partNames[part]}
          </label>
        ))}
      </fieldset>
      {stays.length > 0 && <List title={w.cannot} mark="needs-you" items={stays} />}
      <header className={css['head']}>
        <h3>{w.steps}</h3>
        <span className="muted">
          {expectedMs === null ? leastText(w, steps) : w.about(formatDuration(roughly(expectedMs)))}
        </span>
      </header>
      <ol className={css['steps']}>
        {steps.map((step, i) => (
          <StepRow key={step.id} step={step} number={i + 1} />
        ))}
      </ol>
      {warnings.length > 0 && <List title={w.warnings} mark="needs-you" items={warnings} />}
      {facts.unknown.length > 0 && <List title={w.unknown} mark="waiting" items={facts.unknown} />}
    </>
  )
}

/** What happened since the point was made, beside the points. */
export function Changed({ preview }: { readonly preview: Preview }): ReactNode {
  const w = useWords(words)
  const cannot = staysDone(w, preview)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
    <div className={css['changed']} tabIndex={0}>
      <List title={w.changed} items={changes(w, preview)} none={w.nothingChanged} />
      {cannot.length === 0 && <List title={w.cannot} items={[]} none={w.nothingLost} />}
    </div>
  )
}

function StepRow({ step, number }: { readonly step: RollbackStep; readonly number: number }): ReactNode {
  const w = useWords(words)
  const { title, does, keeps, effect, undo, expectedMs } = step
  return (
    <li data-effect={effect}>
      <span className={css['number']}>{number}</span>
      <div>
        <p className={css['name']}>
          <b>{title}</b>
          <span className={css['effect']}>
            {effect === 'irreversible' && <Glyph mark="needs-you" size={12} />}
            {effect === 'reversible' && <span aria-hidden>↺</span>}
            {w.effects[effect]}
          </span>
          <span className={css['time']}>
            {expectedMs === null ? '' : w.about(formatDuration(roughly(expectedMs)))}
          </span>
        </p>
        <p className="muted">
          {[does, ...(keeps === null ? [] : [w.keeps(keeps)]), ...(undo === null ? [] : [w.undo(undo)])].join(
            '; ',
          )}
        </p>
      </div>
    </li>
  )
}

function List({
  title,
  items,
  none,
  mark,
}: {
  readonly title: string
  readonly items: readonly string[]
  readonly none?: string
  readonly mark?: 'needs-you' | 'waiting'
}): ReactNode {
  return (
    <section className={css['list']} aria-label={title}>
      <h3>{title}</h3>
      {items.length === 0 && <p className="muted">{none}</p>}
      <ul>
        {items.map((item) => (
          <li key={item}>
            {mark !== undefined && <Glyph mark={mark} size={13} />}
            <span>{item}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What was done since and stays, and what this itself does for good. */
function staysDone(w: W, { plan }: Preview): readonly string[] {
  const own = plan.steps.filter(({ effect }) => effect === 'irreversible')
  return [...plan.cannot, ...own.map(({ title }) => w.stepStays(title))]
}

/** More of a kind are counted. */
const MOST = 6

type W = ReturnType<typeof useWords<(typeof words)['en']>>

function changes(w: W, preview: Preview): readonly string[] {
  const { plan, facts } = preview
  const { releases, migrations, applied } = plan.changed
  const rows = rowsSince(preview)
  const { commits, uncommitted, settings } = facts
  return [
    ...releases.map(({ release, verified }) =>
      verified === false ? `${w.released(release.version)}, ${w.unverified}` : w.released(release.version),
    ),
    ...migrations.map(({ text }) => w.migrated(text)),
    ...rows.slice(0, MOST).map(({ by, table }) => w.rows(by, table)),
    ...(rows.length > MOST ? [w.moreRows(rows.length - MOST)] : []),
    ...(commits.length === 0
      ? []
      : [
          `${w.commits(commits.length)}: ${commits
            .slice(0, 3)
            .map(({ subject }) => subject)
            .join(', ')}${commits.length > 3 ? ' …' : ''}`,
        ]),
    ...(uncommitted === null || uncommitted === 0 ? [] : [w.uncommitted(uncommitted)]),
    ...(applied.length === 0 ? [] : [w.applied(applied.length)]),
    ...settings.map(w.settings),
  ]
}

/** Of some steps it is known how long they take; all together take longer. */
function leastText(w: W, steps: readonly RollbackStep[]): string {
  const known = steps.reduce((sum, { expectedMs }) => sum + (expectedMs ?? 0), 0)
  return known === 0 ? w.timeUnknown : w.atLeast(formatDuration(roughly(known)))
}

/** An expectation is not known to the millisecond. */
function roughly(ms: number): number {
  return Math.max(1_000, Math.ceil(ms / 1_000) * 1_000)
}
