import type { ReactNode } from 'react'
import { MARKS } from '../../../../main/domain/status.ts'
import { useIsOver } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { graphChoices, useGraph, useGraphView, useMarkCounts, useRelations } from './graphView.ts'
import css from './Legend.module.css'
import { roleEdges } from './roleGraph.ts'
import { words } from './words.ts'

/** The states with how many tasks are in each; pressing one dims the others. */
export function MarkLegend(): ReactNode {
  const w = useWords(words)
  const { view, looks } = useGraph()
  const counts = useMarkCounts()
  const over = useIsOver(looks.run)
  const statuses = useStatusWords()
  const only = useGraphView((now) => now.only)
  return (
    <fieldset className={css['legend']}>
      <legend className="visually-hidden">{w.legend}</legend>
      {MARKS.map((mark) => {
        // What is left of a run that is over waits for nothing.
        const word = over && mark === 'waiting' ? statuses.task.cancelled : w.marks[mark]
        return (
          <button
            key={mark}
            type="button"
            className={css['entry']}
            aria-pressed={only === mark}
            aria-label={w.onlyMark(word, counts[mark])}
            data-none={counts[mark] === 0}
            onClick={() => view.setState({ only: only === mark ? undefined : mark })}
          >
            <Glyph mark={mark} size={14} progress={0.6} />
            <span className={css['word']}>{word}</span>
            <span className={css['number']}>{counts[mark]}</span>
          </button>
        )
      })}
    </fieldset>
  )
}

const RELATIONS = ['work', 'order', 'asks', 'tells'] as const

/** What edges between roles mean, each to be shown or not. */
export function RelationLegend(): ReactNode {
  const w = useWords(words)
  const { looks } = useGraph()
  const shown = useRelations()
  const edges = roleEdges(looks.run.plan)
  return (
    <fieldset className={css['legend']}>
      <legend className="visually-hidden">{w.relations}</legend>
      {RELATIONS.map((kind) => {
        const count = edges.filter((edge) => edge.kind === kind).length
        return (
          <button
            key={kind}
            type="button"
            className={css['entry']}
            aria-pressed={shown.has(kind)}
            aria-label={`${w.edge[kind]}: ${count}`}
            data-none={count === 0}
            onClick={() => {
              const relations = new Set(shown)
              if (!relations.delete(kind)) relations.add(kind)
              graphChoices.setState({ relations })
            }}
          >
            <svg
              width="20"
              height="10"
              viewBox="0 0 20 10"
              aria-hidden
              data-kind={kind}
              className={css['sample']}
            >
              <path d="M0 5H14" />
              <path d="M13 1.5 20 5 13 8.5Z" />
            </svg>
            <span className={css['word']}>{w.edge[kind]}</span>
            <span className={css['number']}>{count}</span>
          </button>
        )
      })}
    </fieldset>
  )
}
