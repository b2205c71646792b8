import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useCalm } from '../state/calm.ts'
import { useEngineState } from '../state/session.tsx'
import { rollbackAsked } from './asked.ts'
import { Choosing } from './Choosing.tsx'
import { Watching } from './Watching.tsx'

/** Going back: choose the point, see what will happen, say yes once, watch it to its verified end. */
export function RollbackDialog(): ReactNode {
  const { ask, run } = useStore(rollbackAsked)
  const state = useCalm(useEngineState())
  const project = ask === undefined ? undefined : state?.projects.get(ask.project)
  if (ask === undefined || project === undefined) return null
  if (run !== undefined) return <Watching project={project} ask={ask} id={run} />
  return <Choosing key={JSON.stringify(ask)} project={project} ask={ask} />
}
