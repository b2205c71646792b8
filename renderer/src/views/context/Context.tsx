import { type ReactNode, useState } from 'react'
import type { Component, Risk } from '../../../../main/domain/context/entities.ts'
import type { ProjectRecord, Run } from '../../../../main/domain/state.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { useSelectedRun } from '../../state/selectedRun.ts'
import { useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Loading } from '../../ui/Notice.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { NoProject } from '../projects/OfProject.tsx'
import { Artifacts } from './Artifacts.tsx'
import { Components } from './Components.tsx'
import css from './Context.module.css'
import { ComponentDialog, RiskDialog } from './forms.tsx'
import { Risks } from './Risks.tsx'
import { words } from './words.ts'

const TABS = ['risks', 'components', 'artifacts'] as const
type Tab = (typeof TABS)[number]

/** What a project knows about itself: its risks, its parts, and what the run has published. */
export function Context(): ReactNode {
  const w = useWords(words)
  const found = useSelectedRun()
  const run = found.status === 'ready' ? found.value : undefined
  const known = useLive((live) => live.state !== undefined)
  const project = useLive(({ state }) =>
    run === undefined ? state?.projects.values().next().value : state?.projects.get(run.project),
  )
  if (!known || found.status === 'loading') return <Loading />
  if (project === undefined) return <NoProject>{w.noProjectText}</NoProject>
  return <ContextOf key={project.id} project={project} run={run} />
}

type Editing =
  | { readonly what: 'risk'; readonly of: Risk | undefined }
  | { readonly what: 'component'; readonly of: Component | undefined }

function ContextOf({
  project,
  run,
}: {
  readonly project: ProjectRecord
  readonly run: Run | undefined
}): ReactNode {
  const w = useWords(words)
  const { at } = usePlace()
  const [text, setText] = useState('')
  const [editing, setEditing] = useState<Editing | undefined>()
  const tab: Tab = TABS.find((one) => one === at) ?? 'risks'
  const counts: Readonly<Record<Tab, number>> = {
    risks: Object.values(project.risks).filter(({ status }) => status === 'open').length,
    components: Object.keys(project.components).length,
    artifacts: run?.talk.artifacts.length ?? 0,
  }
  const clear = (): void => setText('')
  return (
    <div className={css['context']}>
      <Toolbar label={w.tools}>
        <Segments
          label={w.tabs.label}
          options={TABS.map((id) => ({
            id,
            label: counts[id] === 0 ? w.tabs[id] : w.tabOf(w.tabs[id], counts[id]),
          }))}
          value={tab}
          onChange={(next) => navigate({ at: next })}
        />
        <span className={css['project']}>{project.name}</span>
        <Space />
        <SearchField label={w.search} value={text} onChange={setText} />
        {tab === 'risks' && (
          <Button onClick={() => setEditing({ what: 'risk', of: undefined })}>{w.addRisk}</Button>
        )}
        {tab === 'components' && (
          <Button onClick={() => setEditing({ what: 'component', of: undefined })}>{w.addComponent}</Button>
        )}
      </Toolbar>
      {tab === 'risks' && (
        <Risks
          project={project}
          text={text}
          onClear={clear}
          onEdit={(of) => setEditing({ what: 'risk', of })}
        />
      )}
      {tab === 'components' && (
        <Components
          project={project}
          text={text}
          onClear={clear}
          onEdit={(of) => setEditing({ what: 'component', of })}
        />
      )}
      {tab === 'artifacts' && <Artifacts run={run} text={text} onClear={clear} />}
      {editing?.what === 'risk' && (
        <RiskDialog
          key={editing.of?.id ?? ''}
          project={project}
          risk={editing.of}
          onClose={() => setEditing(undefined)}
        />
      )}
      {editing?.what === 'component' && (
        <ComponentDialog
          key={editing.of?.name ?? ''}
          project={project}
          component={editing.of}
          onClose={() => setEditing(undefined)}
        />
      )}
    </div>
  )
}
