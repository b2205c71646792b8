import { type ReactNode, useState } from 'react'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import { useCalm } from '../../state/calm.ts'
import { navigate } from '../../state/place.ts'
import { useSelectedRunId } from '../../state/selectedRun.ts'
import { useEngineState } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty, Loading } from '../../ui/Notice.tsx'
import { Choice } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { words } from './words.ts'

export interface OfProjectProps {
  readonly state: State
  readonly project: ProjectRecord
  readonly onProject: (project: ProjectId) => void
}

/** A view of one project: the one chosen in it, else the one of the run on the screen, else one that has something. */
export function OfProject({
  View,
  has,
  insists = false,
  text,
}: {
  readonly View: (props: OfProjectProps) => ReactNode
  readonly has: (project: ProjectRecord) => boolean
  /** The run's project will not do where it has nothing: something is meant that is another's. */
  readonly insists?: boolean
  /** What would stand here. */
  readonly text: string
}): ReactNode {
  const state = useCalm(useEngineState())
  const run = useSelectedRunId()
  const [chosen, setChosen] = useState<ProjectId | undefined>()
  if (state === undefined) return <Loading />
  const all = [...state.projects.values()]
  const picked = chosen === undefined ? undefined : state.projects.get(chosen)
  const ofRun = run === undefined ? undefined : state.projects.get(state.runs.get(run)?.project as ProjectId)
  const own = ofRun !== undefined && (!insists || has(ofRun)) ? ofRun : undefined
  const project = picked ?? own ?? all.find(has) ?? ofRun ?? all[0]
  if (project === undefined) return <NoProject>{text}</NoProject>
  return <View key={project.id} state={state} project={project} onProject={setChosen} />
}

export function NoProject({ children }: { readonly children: ReactNode }): ReactNode {
  const w = useWords(words)
  return (
    <Empty
      title={w.noneYet}
      action={<Button onClick={() => navigate({ view: 'projects' })}>{w.openOne}</Button>}
    >
      {children}
    </Empty>
  )
}

/** Only where there is a choice. */
export function ProjectChoice({ state, project, onProject }: OfProjectProps): ReactNode {
  const w = useWords(words)
  if (state.projects.size < 2) return null
  return (
    <Choice
      label={w.which}
      options={[...state.projects.values()].map(({ id, name }) => ({ id, label: name }))}
      value={project.id}
      onChange={(id) => onProject(id as ProjectId)}
    />
  )
}
