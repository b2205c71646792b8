import type { Run } from '../domain/state.ts'
import type { PublishedArtifact } from '../domain/talk/talk.ts'
import { type AgentView, runTitle, type Section } from './view.ts'
import { cut, iso, yaml, yamlItem, yamlList } from './yaml.ts'

/** Entries one file lists, the newest where there are more; letters of a value. */
const MOST = 200
const LONGEST_VALUE = 1_000

interface OfTask {
  readonly run: Run
  readonly task: number
}

/**
 * `outputs/manifest.yaml`: what an agent made. Artifacts lie in the store by their hash and are fetched from there, so
 * the folder stays small whatever is published.
 */
export function outputsSection(agent: AgentView): Section {
  const places = agent.work.flatMap(({ run, tasks }) => tasks.map((task): OfTask => ({ run, task })))
  const artifacts = agent.work.map(({ run, tasks }) => artifactsOf(run, tasks))
  return {
    path: `${agent.folder}/outputs/manifest.yaml`,
    of: [
      agent.id,
      agent.role.name,
      ...agent.work.map(({ run }) => run.id),
      ...artifacts.flat(),
      ...places.map(({ run, task }) => outputsOf(run, task)),
    ],
    text: () => text(agent, places, artifacts),
  }
}

function artifactsOf(run: Run, tasks: readonly number[]): readonly PublishedArtifact[] {
  if (run.talk.artifacts.length === 0) return []
  const own = new Set(tasks)
  return run.talk.artifacts.filter(({ task }) => own.has(task)).slice(-MOST)
}

/** Of the attempt at work while there is one: what it says counts from when it says it. */
function outputsOf(run: Run, task: number): Readonly<Record<string, string>> {
  const record = run.tasks.get(task)!
  return record.current?.outputs ?? record.outputs
}

function* text(
  agent: AgentView,
  places: readonly OfTask[],
  artifacts: readonly (readonly PublishedArtifact[])[],
): Generator<string> {
  yield yaml({ agent: agent.id, role: agent.role.name })
  const published = artifacts.flatMap((ofRun, i) => {
    const { run } = agent.work[i]!
    return ofRun.map((artifact) => ({ run, artifact }))
  })
  yield* yamlList('artifacts', published.slice(-MOST), artifactItem)
  yield* yamlList('outputs', [...namedOutputs(places)].slice(-MOST), yamlItem)
}

function artifactItem({
  run,
  artifact,
}: {
  readonly run: Run
  readonly artifact: PublishedArtifact
}): string {
  const { path, type, hash, bytes, task, at } = artifact
  return yamlItem({
    path,
    type,
    bytes,
    sha256: hash,
    run: runTitle(run),
    task: run.plan.tasks[task]!.id,
    published: iso(at),
    ...(hash === null ? {} : { get: `amphi-agent get ${hash}` }),
  })
}

function* namedOutputs(places: readonly OfTask[]): Generator<object> {
  for (const { run, task } of places)
    for (const [name, value] of Object.entries(outputsOf(run, task)))
      yield { task: run.plan.tasks[task]!.id, run: runTitle(run), name, value: cut(value, LONGEST_VALUE) }
}
