import { findCycle, topologicalOrder } from '../domain/graph.ts'
import type { Session } from '../domain/project.ts'
import { slug } from '../domain/registered/registered.ts'
import { asList, asMap, asText } from './drafts.ts'
import type { Path, Problem } from './problems.ts'
import type { SessionInput } from './schema/sessions.ts'
import type { Source } from './yaml.ts'

/** Sessions of agents that are started by hand: whether their agents can be told apart and put in an order. */

interface AgentDraft {
  readonly name: string
  readonly path: Path
  readonly before: readonly string[]
}

export function checkSessions(source: Source): readonly Problem[] {
  const sessions = Object.entries(asMap(asMap(source.root)?.['sessions']) ?? {})
  return sessions.flatMap(([id, session]) => checkSession(draft(id, session), source))
}

function draft(id: string, session: unknown): readonly AgentDraft[] {
  return asList(asMap(session)?.['agents']).flatMap((agent, i) => {
    const map = asMap(agent)
    const name = asText(map?.['name'])
    if (name === undefined) return []
    const before = asList(map?.['dependencies']).filter((it) => typeof it === 'string')
    return [{ name, path: ['sessions', id, 'agents', i], before: before as readonly string[] }]
  })
}

function checkSession(agents: readonly AgentDraft[], source: Source): readonly Problem[] {
  const problems: Problem[] = []
  const known = new Map<string, AgentDraft>()
  for (const agent of agents) {
    const twin = known.get(slug(agent.name))
    if (twin !== undefined)
      problems.push(
        source.problem([...agent.path, 'name'], `another agent of this session is called "${twin.name}"`),
      )
    known.set(slug(agent.name), agent)
  }
  const needs = new Map(
    [...known].map(
      ([name, { before }]) => [name, before.map(slug).filter((other) => known.has(other))] as const,
    ),
  )
  const cycle = findCycle([...known.keys()], needs)
  if (cycle !== undefined) {
    const names = cycle.map((name) => known.get(name)!.name)
    const path = [...known.get(cycle[0]!)!.path, 'dependencies']
    problems.push(source.problem(path, `these wait for each other: ${names.join(' → ')}`))
  }
  return problems
}

/** Those before others come first, so that each can name what is there already. Expects sessions that were checked. */
export function buildSession(id: string, { title, agents }: SessionInput): Session {
  const named = new Map(agents.map((agent) => [slug(agent.name), agent] as const))
  const needs = new Map([...named].map(([name, it]) => [name, (it.dependencies ?? []).map(slug)] as const))
  const ordered = topologicalOrder([...named.keys()], needs)!.map((name) => named.get(name)!)
  return {
    id,
    title: title ?? id,
    agents: ordered.map((agent) => ({
      name: agent.name,
      files: agent.files ?? [],
      reads: agent.reads ?? [],
      uses: agent.uses ?? [],
      priority: agent.priority ?? 3,
      after: agent.dependencies ?? [],
      waits: agent.wait_for_completion ?? true,
      limitMs: agent.timeout ?? null,
    })),
  }
}
