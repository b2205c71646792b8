import { memo, type ReactNode } from 'react'
import { parseAttemptId } from '../../../../main/domain/ids.ts'
import { shortName } from '../../state/agents.ts'
import { navigate } from '../../state/place.ts'
import { useWords } from '../../words/language.ts'
import type { Layout } from '../graph/layout.ts'
import css from './Waits.module.css'
import type { OtherEdge, WaitEdge, Waits } from './waits.ts'
import { labelOf, wholeOf } from './waitWords.ts'
import { words } from './words.ts'

/** Dashed, in the colour of what is waited for, with its name; what has a place of its own leads there. */
export const Lines = memo(function Lines({
  waits,
  layout,
}: {
  readonly waits: Waits
  readonly layout: Layout
}): ReactNode {
  const w = useWords(words)
  return (
    <>
      <svg className={css['edges']} width={layout.width} height={layout.height} aria-hidden>
        {waits.edges.map((edge, e) => (
          <g key={keyOf(edge)} data-kind={kindOf(edge)} data-holds={'wait' in edge || edge.holds}>
            <path className={css['wait']} d={layout.edges[e]!.line} />
            <path className={css['arrow']} d={layout.edges[e]!.head} />
          </g>
        ))}
      </svg>
      {waits.edges.map((edge, e) => {
        const { x, y } = layout.edges[e]!.nearEnd
        const shared = {
          className: css['label'],
          'data-kind': kindOf(edge),
          'data-upright': layout.nodes[edge.from]!.x === layout.nodes[edge.to]!.x,
          style: { left: x, top: y },
          title: wholeOf(w, edge),
        }
        return 'wait' in edge ? (
          <button
            key={keyOf(edge)}
            type="button"
            {...shared}
            className={`${css['label']} nopan`}
            aria-label={sentenceOf(w, waits, edge)}
            onClick={() => show(edge)}
          >
            {labelOf(w, edge)}
          </button>
        ) : (
          <span key={keyOf(edge)} aria-hidden {...shared}>
            {labelOf(w, edge)}
          </span>
        )
      })}
    </>
  )
})

function kindOf(edge: WaitEdge): string {
  return 'wait' in edge ? edge.wait.kind : 'lock'
}

function keyOf(edge: WaitEdge): string {
  return `${edge.from}>${edge.to} ${'wait' in edge ? edge.wait.about : ''}`
}

/** The question, the hand-off, or the conflict's card. */
function show({ wait: { kind, about, holder } }: OtherEdge): void {
  const run = parseAttemptId(holder)?.run
  const view = kind === 'conflict' ? 'conflicts' : 'talk'
  navigate({ view, at: about, ...(run === undefined ? {} : { run }) })
}

type Words = ReturnType<typeof useWords<(typeof words)['en']>>

function sentenceOf(w: Words, { agents }: Waits, edge: WaitEdge): string {
  const name = (n: number): string => shortName(agents[n]!.holder)
  return w.edge(name(edge.to), name(edge.from), wholeOf(w, edge))
}

/** The same in words, for those who do not see the lines. */
export function EdgeList({ waits }: { readonly waits: Waits }): ReactNode {
  const w = useWords(words)
  return (
    <ul className="visually-hidden">
      {waits.edges.map((edge) => (
        <li key={keyOf(edge)}>{sentenceOf(w, waits, edge)}</li>
      ))}
    </ul>
  )
}
