import { type Handoff, isOpen } from '../domain/talk/handoff.ts'
import { type AgentView, runTitle, type Section } from './view.ts'
import { cut, iso, yaml, yamlItem, yamlList } from './yaml.ts'

/** Hand-offs one file lists each way, newest last; lines of a section, and letters of a line. */
const MOST = 50
const MOST_LINES = 10
const LONGEST_LINE = 300

interface Pending {
  readonly run: AgentView['work'][number]['run']
  readonly handoff: Handoff
}

/** `handoffs.yaml`: what is on its way to and from an agent. The whole of one: `amphi-agent handoffs h3`. */
export function handoffSection(agent: AgentView): Section {
  const incoming = pending(agent, ({ to }) => to)
  const outgoing = pending(agent, ({ from }) => from)
  return {
    path: `${agent.folder}/handoffs.yaml`,
    of: [
      agent.id,
      agent.role.name,
      incoming.length,
      ...[...incoming, ...outgoing].flatMap(({ run, handoff }) => [run.id, run.plan, handoff]),
    ],
    text: () => text(agent, incoming, outgoing),
  }
}

function pending({ work }: AgentView, side: (handoff: Handoff) => number): readonly Pending[] {
  return work
    .flatMap(({ run, tasks }) => {
      if (run.talk.handoffs.length === 0) return []
      const own = new Set(tasks)
      return run.talk.handoffs
        .filter((handoff) => isOpen(handoff) && own.has(side(handoff)))
        .map((handoff) => ({ run, handoff }))
    })
    .slice(-MOST)
}

function* text(
  agent: AgentView,
  incoming: readonly Pending[],
  outgoing: readonly Pending[],
): Generator<string> {
  yield yaml({ agent: agent.id, role: agent.role.name })
  yield* yamlList('incoming', incoming, item)
  yield* yamlList('outgoing', outgoing, item)
}

function item({ run, handoff }: Pending): string {
  const { document, checks, clarifications } = handoff
  const name = (task: number): string => run.plan.tasks[task]?.id ?? `task ${task}`
  return yamlItem({
    id: handoff.id,
    run: runTitle(run),
    title: document.title,
    state: handoff.state,
    overdue: handoff.overdue,
    from: name(handoff.from),
    to: name(handoff.to),
    initiated: iso(handoff.initiatedAt),
    since: iso(handoff.since),
    ...(handoff.reason === null ? {} : { reason: cut(handoff.reason, LONGEST_LINE) }),
    failed_checks: checks.filter(({ result }) => result === 'failed').map((check) => check.name),
    completed: lines(document.completed),
    artifacts: document.artifacts
      .slice(0, MOST_LINES)
      .map(({ path, type, status, hash }) => ({ path, type, status, sha256: hash })),
    known_issues: lines(document.knownIssues),
    dependencies: lines(document.dependencies),
    success_criteria: lines(document.successCriteria),
    questions: clarifications.slice(-MOST_LINES).map(({ question, answer }) => ({
      question: cut(question, LONGEST_LINE),
      answer: answer === null ? null : cut(answer, LONGEST_LINE),
    })),
  })
}

function lines(all: readonly string[]): readonly string[] {
  const shown = all.slice(0, MOST_LINES).map((line) => cut(line, LONGEST_LINE))
  return all.length > shown.length ? [...shown, `and ${all.length - shown.length} more`] : shown
}
