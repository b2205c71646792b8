import type { Component } from '../domain/context/entities.ts'
import { KEPT_CHANGES } from '../domain/context/entities.ts'
import type { ProjectRecord, Run } from '../domain/state.ts'
import { componentFolder, Folders } from './names.ts'
import type { Section } from './view.ts'
import { iso, yaml } from './yaml.ts'

const FILES = ['state.yaml', 'changes.log', 'owners.yaml'] as const

/** `components/<component>/`: state, change history and owners of each, in the order they were first recorded. */
export function* componentSections(project: ProjectRecord, shown: readonly Run[]): Generator<Section> {
  const folders = new Folders()
  const plans = shown.map(({ plan }) => plan)
  for (const component of Object.values(project.components)) {
    const folder = componentFolder(folders, component.name, FILES)
    yield { path: `${folder}/${FILES[0]}`, of: [component], text: () => [state(component)] }
    yield { path: `${folder}/${FILES[1]}`, of: [component.changes], text: () => changes(component) }
    yield {
      path: `${folder}/${FILES[2]}`,
      of: [component.name, component.owners, ...plans],
      text: () => [owners(component, shown)],
    }
  }
}

function state(component: Component): string {
  const { name, status, description, by, at } = component
  return yaml({ component: name, status, description, by, updated: iso(at) })
}

/** One line a change, oldest first: time, who, what. */
function* changes(component: Component): Generator<string> {
  if (component.changes.length >= KEPT_CHANGES) yield `(the newest ${KEPT_CHANGES} changes)\n`
  for (const { at, by, text } of component.changes) yield `${iso(at)} ${oneLine(by)}: ${oneLine(text)}\n`
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing an agent says may begin a line of its own
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim()
}

/** Whoever is named as owner, and the roles whose ownership in the registry covers it. */
function owners(component: Component, runs: readonly Run[]): string {
  const byRegistry = new Map<string, object>()
  for (const { plan } of runs)
    for (const role of plan.roles) {
      const pattern = role.ownership.find((owned) => covers(owned, component.name))
      if (pattern !== undefined)
        byRegistry.set(role.name, { agent: role.id ?? role.name, role: role.name, by: pattern })
    }
  return yaml({
    component: component.name,
    owners: component.owners,
    by_registry: [...byRegistry.values()],
  })
}

/** `x/*` covers all below `x`, as the registry means it. */
function covers(pattern: string, name: string): boolean {
  const below = /^(.+?)\/\*{1,2}$/.exec(pattern)?.[1]
  return pattern === name || (below !== undefined && name.startsWith(`${below}/`))
}
