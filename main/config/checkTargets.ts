import { asMap, asText, type EpicDraft, type TaskDraft } from './drafts.ts'
import { nearest } from './nearest.ts'
import type { Problem } from './problems.ts'
import { DOINGS, PLACES } from './schema/targets.ts'
import type { Source } from './yaml.ts'

/** What is wrong with targets, and with tasks that name one: what they say about each other. */
export function checkTargets(root: unknown, epics: readonly EpicDraft[], source: Source): readonly Problem[] {
  const targets = asMap(asMap(root)?.targets) ?? {}
  return [
    ...Object.entries(targets).flatMap(([name, target]) => checkPlace(name, asMap(target), source)),
    ...checkAddresses(targets, source),
    ...epics.flatMap(({ tasks }) =>
      tasks.flatMap((task) => [
        ...checkName(task, Object.keys(targets), source),
        ...checkMigration(task, targets, source),
        ...checkWhat(task, source),
      ]),
    ),
  ]
}

type Raw = Readonly<Record<string, unknown>>

function checkPlace(name: string, target: Raw | undefined, source: Source): readonly Problem[] {
  if (target === undefined) return []
  const path = ['targets', name]
  const given = PLACES.filter((place) => Object.hasOwn(target, place))
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none' : given.join(' and ')
    return [source.problem(path, `a target has exactly one of ${PLACES.join(', ')}; this one has ${found}`)]
  }
  const kind = asText(target.database) ?? asText(asMap(target.database)?.kind)
  if (given[0] === 'docker' || (kind !== 'postgres' && kind !== 'sqlite')) return []
  const message = `a ${kind} database is kept beside a "docker" target only: for ${given[0]} write {kind: hook, dump: …, restore: …}`
  return [source.problem([...path, 'database'], message)]
}

/** Two targets on one port would never be up together. */
function checkAddresses(targets: Raw, source: Source): readonly Problem[] {
  const seen = new Map<unknown, string>()
  return Object.entries(targets).flatMap(([name, target]) => {
    const port = asMap(asMap(target)?.docker)?.port
    if (typeof port !== 'number') return []
    const other = seen.get(port)
    seen.set(port, name)
    if (other === undefined) return []
    return [source.problem(['targets', name, 'docker', 'port'], `${port} is the port of "${other}" already`)]
  })
}

function checkName(task: TaskDraft, names: readonly string[], source: Source): readonly Problem[] {
  const target = asText(task.raw.target)
  if (target === undefined || names.includes(target)) return []
  const list = names.length === 0 ? 'add it to "targets:"' : `there are: ${names.join(', ')}`
  const at = [...task.path, 'target']
  return [source.problem(at, `unknown target "${target}"; ${list}`, nearest(target, names))]
}

/** Elsewhere the engine has no container to migrate in. */
function checkMigration({ raw, path }: TaskDraft, targets: Raw, source: Source): readonly Problem[] {
  const target = asMap(targets[asText(raw.target) ?? ''])
  if (raw.kind !== 'migrate' || target === undefined || Object.hasOwn(target, 'docker')) return []
  const message =
    'only a "docker" target is migrated by the engine: let its deployment do it, or leave out "target"'
  return [source.problemAtKey([...path, 'target'], message)]
}

function checkWhat(task: TaskDraft, source: Source): readonly Problem[] {
  const { raw, path } = task
  const has = (key: string): boolean => Object.hasOwn(raw, key)
  const at = (key: string, message: string): Problem => source.problemAtKey([...path, key], message)
  const missing = (key: string, why: string): Problem => source.problem(path, `"${key}" is missing${why}`)
  if (has('services') && raw.network === 'none')
    return [at('services', 'nothing can be reached with "network: none": leave one of them out')]
  if (!has('target')) {
    return [
      ...(has('run') ? [] : [missing('run', '')]),
      ...(has('do') ? [at('do', 'what is done is done at a target: add "target:"')] : []),
      ...(has('version') ? [at('version', 'a version is of what a target gets: add "target:"')] : []),
    ]
  }
  if (has('do')) {
    const others = ['run', 'image', 'version'].filter(has)
    return others.map((key) => at(key, `"${key}" has no meaning with "do": the engine does it itself`))
  }
  if (raw.kind === 'deploy') {
    return [
      ...(has('image') ? [] : [missing('image', ': what is deployed, ready or {build: path}')]),
      ...(has('run') ? [at('run', 'what a target gets is deployed by the engine, not by a command')] : []),
    ]
  }
  if (raw.kind === 'migrate') return has('run') ? [] : [missing('run', ': what migrates')]
  const known = ['check', 'backup'].includes(String(raw.kind))
  return has('run') || known ? [] : [missing('run', ` (or "do", one of ${DOINGS.join(', ')})`)]
}
