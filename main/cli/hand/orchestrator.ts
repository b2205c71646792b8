import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  ORCHESTRATOR_FILE,
  ORCHESTRATOR_VERSION,
  type OrchestratorFile,
  parseOrchestrator,
} from '../../config/orchestratorFile.ts'
import { topologicalOrder } from '../../domain/graph.ts'
import { attemptId } from '../../domain/ids.ts'
import type { Grant, Waiter } from '../../domain/locks/changes.ts'
import { findRegistered, isOver, slug } from '../../domain/registered/registered.ts'
import { ruleOf, underRule } from '../../domain/rules/rule.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import { dispatch, withEngine, withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { holderName } from '../holderName.ts'
import { plain } from '../view/text.ts'
import { ensureProject, type OfProject, projectHere } from './here.ts'
import { folderOf } from './register.ts'
import { dirtyIn } from './scan.ts'

/** `amphi orchestrator export|import`: the state of a project as the file others coordinate by, out and in. */

export async function exportFile(
  context: Context,
  file: string | undefined,
  options: OfProject,
): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const state = await currentState(center)
    const project = projectHere(context, state, options.project)
    const text = `${JSON.stringify(orchestratorOf(state, project, Date.now()), null, 2)}\n`
    if (file === '-') {
      await context.out.write(text)
      return EXIT.done
    }
    const path = resolve(context.cwd, file ?? ORCHESTRATOR_FILE)
    writeWhole(path, text)
    if (context.out.json) await context.out.object({ ok: true, file: path })
    else await context.out.line(`${path} written`)
    return EXIT.done
  })
}

/** Whole or not at all: others may read it at any time. */
function writeWhole(path: string, text: string): void {
  const part = `${path}.${process.pid}.new`
  try {
    writeFileSync(part, text)
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw new CliError(`${path} cannot be written: ${(error as Error).message}.`)
  }
}

const iso = (time: number): string => new Date(time).toISOString()

function orchestratorOf(state: State, project: ProjectRecord, now: number): OrchestratorFile {
  const agents = [...byHand(project), ...ofRuns(state, project)]
  return {
    version: ORCHESTRATOR_VERSION,
    project: { id: project.id, name: project.name },
    exported_at: iso(now),
    agents,
    locks: project.locks.grants.flatMap((grant) => held(state, grant, grant.token)),
    waiting: project.locks.waiters.flatMap((waiter) => held(state, waiter, null)),
    conflicts: project.conflicts.map((conflict) => ({
      id: conflict.id,
      cause: conflict.cause,
      kind: conflict.kind,
      agents: conflict.parties.map((holder) => holderName(state, holder)),
      files: [...conflict.files],
      text: conflict.text,
      since: iso(conflict.since),
      recommendation: conflict.recommendation.action,
      resolution: conflict.resolution?.action ?? null,
    })),
    dependencies: Object.fromEntries(
      agents
        .filter(({ dependencies }) => dependencies.length > 0)
        .map(({ id, dependencies }) => [id!, dependencies]),
    ),
  }
}

type FileAgent = OrchestratorFile['agents'][number]

function byHand(project: ProjectRecord): readonly FileAgent[] {
  return Object.values(project.registered).map((agent) => ({
    id: agent.id,
    name: agent.name,
    kind: 'by-hand',
    state: agent.state,
    files: [...agent.files],
    reads: [...agent.reads],
    uses: [...agent.uses],
    priority: agent.priority,
    dependencies: [...agent.after],
    wait_for_completion: agent.waits,
    session: agent.session,
    folder: agent.folder,
    registered_at: iso(agent.registeredAt),
    started_at: agent.startedAt === null ? null : iso(agent.startedAt),
  }))
}

function ofRuns(state: State, project: ProjectRecord): readonly FileAgent[] {
  return [...state.runs.values()]
    .filter((run) => run.project === project.id)
    .flatMap((run) =>
      run.plan.tasks.flatMap((spec, i): FileAgent[] => {
        const { current } = run.tasks.get(i)!
        if (current === null) return []
        const id = holderName(state, attemptId(run.id, spec.id, current.n))
        return [
          {
            id,
            name: spec.title,
            kind: 'run',
            state: current.state,
            files: [...spec.writes],
            reads: [...spec.reads],
            uses: (spec.uses ?? []).filter(({ kind }) => kind === 'resource').map(({ on }) => on),
            priority: Math.max(1, spec.priority),
            dependencies: spec.needs.map(({ task }) => task),
            wait_for_completion: true,
            session: null,
            registered_at: iso(current.assignedAt),
            started_at: current.startedAt === null ? null : iso(current.startedAt),
          },
        ]
      }),
    )
}

function held(
  state: State,
  { holder, locks, since }: Grant | Waiter,
  token: number | null,
): OrchestratorFile['locks'] {
  return locks.map(({ kind, on, mode }) => ({
    agent: holderName(state, holder),
    kind,
    on,
    mode,
    since: iso(since),
    token,
  }))
}

export interface ImportOptions extends OfProject {
  readonly start?: boolean
}

/** Registers the agents of the file that are started by hand and are not over; who is there by name stays as it is. */
export async function importFile(
  context: Context,
  file: string | undefined,
  options: ImportOptions,
): Promise<ExitCode> {
  const path = resolve(context.cwd, file ?? ORCHESTRATOR_FILE)
  const agents = readAgents(path)
  const wanted = inOrder(path, agents.filter(isToCome))
  return withEngine(context, async ({ center }) => {
    const { id: project, registered } = await ensureProject(context, center, options.project)
    const strange = wanted.flatMap(({ name, dependencies }) =>
      dependencies
        .filter((id) => !isNamed(agents, id) && findRegistered(registered, id) === undefined)
        .map((id) => `  ${name} comes after "${id}", which is neither there nor in the project`),
    )
    if (strange.length > 0) throw new CliError(`${path} cannot be taken in:\n${strange.join('\n')}`)
    const folder = folderOf(context, options.project)
    const dirty = dirtyIn(context, folder)
    if (wanted.length === 0) context.out.note(`${path} names no agent that is still to work.`)
    /** Ids in the file to those here. */
    const known = new Map<string, string>()
    for (const agent of wanted) {
      const all = (await currentState(center)).projects.get(project)!.registered
      const there = Object.values(all).find((it) => !isOver(it) && slug(it.name) === slug(agent.name))
      const isNew = there === undefined
      const answer = isNew
        ? await dispatch(center, {
            type: 'registered.add',
            project,
            name: agent.name,
            files: agent.files,
            reads: agent.reads,
            uses: agent.uses,
            priority: agent.priority,
            after: agent.dependencies.flatMap((id) => {
              // What is over there is nobody to come after here.
              const here =
                known.get(id) ??
                known.get(slug(id)) ??
                (isNamed(agents, id) ? undefined : findRegistered(all, id)?.id)
              return here === undefined ? [] : [here]
            }),
            waits: agent.wait_for_completion,
            start: options.start === true,
            session: agent.session,
            folder,
            process: null,
            log: null,
            dirty,
            limitMs: null,
          })
        : { agent: there.id }
      for (const name of [agent.id, agent.name, slug(agent.name)])
        if (name !== undefined) known.set(name, answer.agent!)
      if (context.out.json)
        await context.out.object({ ok: true, agent: answer.agent, name: agent.name, registered: isNew })
      else
        await context.out.line(`${answer.agent} ${isNew ? 'registered' : 'was there'}: ${plain(agent.name)}`)
    }
    return EXIT.done
  })
}

function readAgents(path: string): readonly FileAgent[] {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw new CliError(
      `${path} cannot be read: ${(error as Error).message}.`,
      'amphi orchestrator export writes one.',
    )
  }
  const parsed = parseOrchestrator(content)
  if (!parsed.ok)
    throw new CliError(
      `${path} cannot be taken in:\n${parsed.problems.map((line) => `  ${line}`).join('\n')}`,
    )
  return parsed.file.agents
}

function isNamed(agents: readonly FileAgent[], reference: string): boolean {
  return agents.some(({ id, name }) => id === reference || slug(name) === slug(reference))
}

function isToCome({ kind, state }: FileAgent): boolean {
  return kind === 'by-hand' && state !== 'COMPLETED' && state !== 'TERMINATED'
}

/** Those before others first. */
function inOrder(path: string, agents: readonly FileAgent[]): readonly FileAgent[] {
  const named = new Map<string, FileAgent>()
  for (const agent of agents) {
    const name = agent.id ?? agent.name
    if (named.has(name)) throw new CliError(`${path} cannot be taken in:\n  "${name}" is there twice`)
    named.set(name, agent)
  }
  const key = (reference: string): string =>
    named.has(reference)
      ? reference
      : ([...named].find(([, { name }]) => slug(name) === slug(reference))?.[0] ?? reference)
  const needs = new Map([...named].map(([id, { dependencies }]) => [id, dependencies.map(key)] as const))
  const order = topologicalOrder([...named.keys()], needs)
  if (order === undefined) {
    const why = underRule('its agents wait for each other in a circle', ruleOf({}, 'no-cycles'))
    throw new CliError(`${path} cannot be taken in:\n  ${why}`)
  }
  return order.map((id) => named.get(id)!)
}
