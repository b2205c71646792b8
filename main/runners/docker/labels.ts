import { createHash } from 'node:crypto'
import type { AttemptId } from '../../domain/ids.ts'
import type { AgentSpec, RunScope } from '../../engine/ports/runner.ts'

/** What everything made here carries; only what bears the own install's label is ever listed or removed. */
export const LABELS = {
  install: 'amphitheatre.install',
  project: 'amphitheatre.project',
  run: 'amphitheatre.run',
  task: 'amphitheatre.task',
  attempt: 'amphitheatre.attempt',
  agent: 'amphitheatre.agent',
  network: 'amphitheatre.network',
  target: 'amphitheatre.target',
  /** What a container is at its target: proxy, service, database. */
  part: 'amphitheatre.part',
  /** The release a service container was made for. */
  release: 'amphitheatre.release',
  colour: 'amphitheatre.colour',
  version: 'amphitheatre.version',
  /** The attempt a service stands beside. */
  beside: 'amphitheatre.beside',
  /** Hash of what it was made from: another one, and it is made anew. */
  recipe: 'amphitheatre.recipe',
} as const

export function agentLabels(install: string, spec: AgentSpec): Record<string, string> {
  return {
    ...runLabels(install, spec),
    [LABELS.task]: spec.task,
    [LABELS.attempt]: spec.attempt,
    [LABELS.agent]: spec.agent,
  }
}

export function runLabels(install: string, run: RunScope): Record<string, string> {
  return { [LABELS.install]: install, [LABELS.project]: run.project, [LABELS.run]: run.run }
}

/** A Docker filter for what has all these labels. */
export function withLabels(labels: Readonly<Record<string, string>>): { label: string[] } {
  return { label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) }
}

/** The same for the same attempt, always: a second create of it meets the first instead of making another. */
export function containerName(install: string, attempt: AttemptId): string {
  return `amphi-${digest(`${install}\n${attempt}`)}`
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
