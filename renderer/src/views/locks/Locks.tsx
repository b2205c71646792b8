import { type ReactNode, useMemo, useState } from 'react'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import type { LockTable } from '../../../../main/domain/locks/changes.ts'
import type { State } from '../../../../main/domain/state.ts'
import { findAgent, findByHand, roleOfAgent } from '../../state/agents.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Chip, Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { OfProject, type OfProjectProps, ProjectChoice } from '../projects/OfProject.tsx'
import { entriesOf } from './entries.ts'
import { LockMap } from './LockMap.tsx'
import css from './Locks.module.css'
import { type LockFilter, matches } from './lockRows.ts'
import { useOtherWaits, Waits } from './Waits.tsx'
import { words } from './words.ts'

const NO_FILTER: LockFilter = { text: '', contested: false }

/** Who holds what in a project's repository and beside it, who waits, and until when. */
export function Locks(): ReactNode {
  const w = useWords(words)
  return <OfProject View={LocksOf} has={({ locks }) => isUsed(locks)} text={w.noProjectText} />
}

function isUsed({ grants, waiters }: LockTable): boolean {
  return grants.length + waiters.length > 0
}

function LocksOf({ state, project, onProject }: OfProjectProps): ReactNode {
  const w = useWords(words)
  const { at } = usePlace()
  const [filter, setFilter] = useState(NO_FILTER)
  const { locks } = project
  const entries = entriesOf(locks)
  const isGraph = at === 'waits'
  const others = useOtherWaits(state, project.id)
  // What an agent is known by does not change while it waits: only the locks do.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as said
  const shown = useMemo(
    () => entries.filter((entry) => matches(entry, filter, (holder) => knownBy(state, project.id, holder))),
    [entries, filter],
  )
  const contested = entries.filter(({ waiters }) => waiters.length > 0).length
  return (
    <div className={css['locks']}>
      <Toolbar label={w.tools}>
        <Segments
          label={w.tabs.label}
          value={isGraph ? 'waits' : 'map'}
          options={[
            { id: 'map', label: w.tabs.map },
            { id: 'waits', label: `${w.tabs.waits} ${locks.waiters.length + others.length}` },
          ]}
          onChange={(tab) => navigate({ at: tab === 'waits' ? 'waits' : undefined })}
        />
        {!isGraph && (
          <>
            <SearchField
              label={w.search}
              value={filter.text}
              onChange={(text) => setFilter({ ...filter, text })}
            />
            <Chip
              mark="blocked"
              pressed={filter.contested}
              count={contested}
              onClick={() => setFilter({ ...filter, contested: !filter.contested })}
            >
              {w.contested}
            </Chip>
          </>
        )}
        <Space />
        <ProjectChoice state={state} project={project} onProject={onProject} />
      </Toolbar>
      {isGraph ? (
        <Waits state={state} project={project.id} table={locks} others={others} />
      ) : !isUsed(locks) ? (
        <Empty title={w.nothing}>{w.nothingText}</Empty>
      ) : shown.length === 0 ? (
        <Empty title={w.noMatch} action={<Button onClick={() => setFilter(NO_FILTER)}>{w.clear}</Button>} />
      ) : (
        <LockMap state={state} project={project.id} entries={shown} />
      )}
    </div>
  )
}

function knownBy(state: State, project: ProjectId, holder: string): string {
  const agent = findAgent(state, holder)
  const byHand = findByHand(state, project, holder)
  if (byHand !== undefined) return byHand.name
  if (agent === undefined) return ''
  return `${agent.run.plan.tasks[agent.index]!.title} ${roleOfAgent(agent) ?? ''} ${agent.run.plan.title}`
}
