import { type ReactNode, useMemo } from 'react'
import type { Conflict } from '../../../../main/domain/conflicts/conflict.ts'
import { useCalm } from '../../state/calm.ts'
import { navigate } from '../../state/place.ts'
import { useEngineState } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { words as conflictWords } from '../conflicts/words.ts'
import { useGraph, useGraphView } from './graphView.ts'
import type { Picture } from './lit.ts'
import css from './Ties.module.css'
import { lineBetween, stepsOut, type Tie, type TieLine, tiesOf } from './ties.ts'

/** How often it is looked anew who is in whose way, ms. */
const CALM_MS = 250

/** Of so many locks each line has its name; of more only those of the card at hand. */
const NAMED_LOCKS = 6

/**
 * Over the graph: conflicts between two of its tasks, with a glyph that leads to the card, dashed where only foreseen;
 * and who waits for whose lock, with its name. Units that stand for both show nothing.
 */
export function Ties(picture: Picture): ReactNode {
  const { looks } = useGraph()
  const state = useCalm(useEngineState(), CALM_MS)
  const chosen = useGraphView((view) => view.chosen)
  const { scene, layout, width, heights } = picture
  const run = state?.runs.get(looks.run.id)
  const ties = useMemo(() => (run === undefined ? [] : tiesOf(state, run)), [state, run])
  const drawn = useMemo(
    () => drawTies(ties, { scene, layout, width, heights }),
    [ties, scene, layout, width, heights],
  )
  if (drawn.length === 0 || run === undefined) return null
  const name = (task: number): string => run.plan.tasks[task]!.id
  const isNear = ({ units }: Drawn): boolean => units.some((unit) => scene.units[unit]!.id === chosen)
  const many = ties.filter(({ of }) => of.kind === 'lock').length > NAMED_LOCKS
  return (
    <>
      <svg className={css['ties']} width={layout.width} height={layout.height} aria-hidden>
        {drawn.map((one) => (
          <g
            key={one.tie.key}
            data-kind={one.tie.of.kind}
            data-faint={isFaint(one.tie)}
            data-far={one.tie.of.kind === 'lock' && many && !isNear(one)}
          >
            <path className={css['line']} d={one.line} />
            <path className={css['head']} d={one.head} />
          </g>
        ))}
      </svg>
      {drawn.map((one) => {
        const { tie, middle, name: place, isBeside } = one
        if (tie.of.kind === 'conflict')
          return (
            <div key={tie.key} className={css['at']} style={{ left: middle.x, top: middle.y }}>
              <Sign conflict={tie.of.conflict} from={name(tie.from)} to={name(tie.to)} />
            </div>
          )
        return many && !isNear(one) ? null : (
          <span
            key={tie.key}
            className={`${css['at']} ${css['lock']}`}
            data-beside={isBeside}
            style={{ left: place.x, top: place.y }}
            aria-hidden
          >
            {tie.of.over[0]?.on}
          </span>
        )
      })}
    </>
  )
}

interface Drawn extends TieLine {
  readonly tie: Tie
  readonly units: readonly [number, number]
}

function drawTies(ties: readonly Tie[], picture: Picture): readonly Drawn[] {
  const { unitOfTask } = picture.scene
  const shown = ties.flatMap((tie) => {
    const [from, to] = [unitOfTask[tie.from] ?? -1, unitOfTask[tie.to] ?? -1]
    return from < 0 || to < 0 || from === to ? [] : [{ tie, units: [from, to] as const }]
  })
  const steps = stepsOut(
    picture,
    shown.map(({ units }) => units),
  )
  return shown.map(({ tie, units }, i) => {
    const [from, to] = units
    return { tie, units, ...lineBetween(picture, from, to, tie.of.kind === 'lock', steps[i]) }
  })
}

/** Foreseen, or standing in the line only. */
function isFaint({ of }: Tie): boolean {
  return of.kind === 'lock' ? !of.holds : of.conflict.cause === 'predicted'
}

function Sign({
  conflict,
  from,
  to,
}: {
  readonly conflict: Conflict
  readonly from: string
  readonly to: string
}): ReactNode {
  const w = useWords(conflictWords)
  const files = conflict.files.join(', ')
  const foreseen = conflict.cause === 'predicted'
  const said = foreseen ? w.edgeForeseen(from, to, files) : w.edge(from, to, files)
  return (
    <button
      type="button"
      className={`${css['sign']} nopan nodrag`}
      data-foreseen={foreseen}
      aria-label={`${said}. ${w.openCard(conflict.id)}`}
      title={said}
      onClick={(event) => {
        event.stopPropagation()
        navigate({ view: 'conflicts', at: conflict.id })
      }}
    >
      <Glyph mark="conflict" size={16} />
    </button>
  )
}
