import {
  type Component,
  type ComponentChange,
  RISK_LEVELS,
  type Risk,
  type RiskChange,
} from '../../../../main/domain/context/entities.ts'
import type { Mark } from '../../../../main/domain/status.ts'

/** What is still open first, then the gravest, then what changed last. */
export function sortRisks(risks: Readonly<Record<string, Risk>>): readonly Risk[] {
  return Object.values(risks).sort(
    (a, b) =>
      Number(isOver(a)) - Number(isOver(b)) ||
      RISK_LEVELS.indexOf(b.level) - RISK_LEVELS.indexOf(a.level) ||
      b.at - a.at,
  )
}

export function isOver({ status }: Risk): boolean {
  return status !== 'open'
}

export function sortComponents(components: Readonly<Record<string, Component>>): readonly Component[] {
  return Object.values(components).sort((a, b) => a.name.localeCompare(b.name))
}

/** Holds it all of the words? */
export function holds(parts: readonly (string | null)[], text: string): boolean {
  const said = parts.join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word))
}

export function markOfRisk({ status }: Risk): Mark {
  if (status === 'open') return 'needs-you'
  return status === 'accepted' ? 'waiting' : 'done'
}

export const MARK_OF_COMPONENT: Readonly<Record<Component['status'], Mark>> = {
  planned: 'waiting',
  in_progress: 'running',
  in_review: 'running',
  done: 'done',
  blocked: 'blocked',
}

/** A risk as it is being written. */
export interface RiskForm {
  readonly id: string
  readonly title: string
  readonly level: Risk['level']
  readonly status: Risk['status']
  readonly impact: string
  readonly mitigation: string
  readonly owner: string
}

export function riskForm(risk: Risk | undefined): RiskForm {
  if (risk === undefined)
    return { id: '', title: '', level: 'medium', status: 'open', impact: '', mitigation: '', owner: '' }
  const { id, title, level, status, impact, mitigation, owner } = risk
  return { id, title, level, status, impact, mitigation, owner: owner ?? '' }
}

/** A name made from a title: `Prices are floats` becomes `prices-are-floats`. */
export function idFrom(title: string): string {
  return title
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replaceAll(/[đĐ]/g, 'd')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
    .replace(/^-+|-+$/g, '')
}

export function riskChange(form: RiskForm): RiskChange {
  const { level, status } = form
  const owner = form.owner.trim()
  const title = form.title.trim()
  return {
    id: form.id.trim() === '' ? idFrom(title) : form.id.trim(),
    ...(title === '' ? {} : { title }),
    level,
    status,
    impact: form.impact.trim(),
    mitigation: form.mitigation.trim(),
    owner: owner === '' ? null : owner,
  }
}

export interface ComponentForm {
  readonly name: string
  readonly status: Component['status']
  readonly description: string
  readonly owners: string
  readonly change: string
}

export function componentForm(component: Component | undefined): ComponentForm {
  if (component === undefined) return { name: '', status: 'planned', description: '', owners: '', change: '' }
  const { name, status, description, owners } = component
  return { name, status, description, owners: owners.join(', '), change: '' }
}

export function componentChange(form: ComponentForm): ComponentChange {
  const change = form.change.trim()
  const owners = form.owners.split(',').map((owner) => owner.trim())
  return {
    name: form.name.trim(),
    status: form.status,
    description: form.description.trim(),
    owners: [...new Set(owners.filter((owner) => owner !== ''))],
    ...(change === '' ? {} : { change }),
  }
}
