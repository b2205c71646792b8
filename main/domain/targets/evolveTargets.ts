import { assertNever } from '../assertNever.ts'
import type { EventOf } from '../events.ts'
import type { ProjectRecord } from '../state.ts'
import type { TargetRecord } from './target.ts'

export type TargetEvent = EventOf<
  | 'target.declared'
  | 'target.busy'
  | 'target.released'
  | 'target.state'
  | 'target.taken-down'
  | 'target.forgotten'
>

/** Releases remembered of a target, newest first. */
const MAX_HISTORY = 20

export function evolveTargets(project: ProjectRecord, data: TargetEvent, time: number): ProjectRecord {
  switch (data.type) {
    case 'target.declared': {
      const known = project.targets[data.spec.name] ?? NEW_RECORD
      return withTarget(project, { ...known, spec: data.spec })
    }
    case 'target.busy':
      return changed(project, data.target, { busy: data.by })
    case 'target.state':
      return changed(project, data.target, { state: data.state, reason: data.reason })
    case 'target.released': {
      const { release, by, before, verified } = data
      const current = { release, by, at: time, before, verified }
      const history = [current, ...(project.targets[data.target]?.history ?? [])].slice(0, MAX_HISTORY)
      return changed(project, data.target, { current, history })
    }
    case 'target.taken-down':
      return changed(project, data.target, { current: null, state: 'unknown', reason: null })
    case 'target.forgotten': {
      const { [data.target]: _, ...targets } = project.targets
      return { ...project, targets }
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

const NEW_RECORD: Omit<TargetRecord, 'spec'> = {
  current: null,
  history: [],
  state: 'unknown',
  busy: null,
  reason: null,
}

function changed(
  project: ProjectRecord,
  name: string,
  change: Partial<Omit<TargetRecord, 'spec'>>,
): ProjectRecord {
  const known = project.targets[name]
  if (known === undefined) return project
  return withTarget(project, { ...known, ...change })
}

function withTarget(project: ProjectRecord, record: TargetRecord): ProjectRecord {
  return { ...project, targets: { ...project.targets, [record.spec.name]: record } }
}
