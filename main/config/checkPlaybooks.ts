import { actOfWords } from '../domain/incidents/playbook.ts'
import type { Role } from '../domain/project.ts'
import { asList, asMap } from './drafts.ts'
import { nearest } from './nearest.ts'
import type { Path, Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** Whether what playbooks name is there: roles, checks of their own, epics, targets. */
export function checkPlaybooks(file: unknown, roles: readonly Role[], source: Source): readonly Problem[] {
  const root = asMap(file)
  const epics = Object.keys(asMap(root?.epics) ?? {})
  const targets = Object.keys(asMap(root?.targets) ?? {})
  const names = roles.map(({ name }) => name as string)
  const known = (what: string, word: unknown, among: readonly string[], path: Path): readonly Problem[] =>
    typeof word !== 'string' || among.includes(word)
      ? []
      : [source.problem(path, `unknown ${what} "${word}"`, nearest(word, among))]
  return Object.entries(asMap(root?.playbooks) ?? {}).flatMap(([name, value]) => {
    const playbook = asMap(value)
    const path: Path = ['playbooks', name]
    const checks = asList(playbook?.checks).flatMap((check) => String(asMap(check)?.id ?? ''))
    const done = ['checks', 'verify'].flatMap((key) =>
      asList(playbook?.[key]).flatMap((one, i) =>
        known('agent', asMap(one)?.agent, names, [...path, key, i, 'agent']),
      ),
    )
    const twice = checks.flatMap((id, i) =>
      checks.indexOf(id) === i
        ? []
        : [source.problem([...path, 'checks', i, 'id'], `two checks are called "${id}"`)],
    )
    const rows = asList(playbook?.diagnosis).flatMap((row, i) =>
      ['needs', 'signs', 'against'].flatMap((key) =>
        asList(asMap(row)?.[key]).flatMap((sign, n) =>
          known('check', asMap(sign)?.check, checks, [...path, 'diagnosis', i, key, n, 'check']),
        ),
      ),
    )
    const matched = [asMap(playbook?.match)?.target].flat()
    const aimed = matched.flatMap((target) => known('target', target, targets, [...path, 'match', 'target']))
    return [...done, ...twice, ...rows, ...aimed, ...remedies(playbook?.remedies, [...path, 'remedies'])]
  })

  function remedies(value: unknown, path: Path): readonly Problem[] {
    return Object.entries(asMap(value) ?? {}).flatMap(([cause, remedy]) => {
      const at: Path = typeof remedy === 'string' ? [...path, cause] : [...path, cause, 'do']
      const words = typeof remedy === 'string' ? remedy : asMap(remedy)?.do
      const agent = known('agent', asMap(remedy)?.agent, names, [...path, cause, 'agent'])
      if (typeof words !== 'string') return agent
      const act = actOfWords(words)
      if (act === undefined)
        return [
          ...agent,
          source.problem(
            at,
            `"${words}" is no remedy: write "roll back", "restart containers" or "run EPIC"`,
          ),
        ]
      return act.do === 'epic' ? [...agent, ...known('epic', act.epic, epics, at)] : agent
    })
  }
}
