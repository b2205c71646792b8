import { KNOWN_SENTENCES, parseRule, type Rule } from '../domain/rules/rule.ts'
import { asList, asMap } from './drafts.ts'
import type { Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** The sentences under `rules` that can be enforced. */
export function rulesOf(sentences: readonly string[] | undefined): readonly Rule[] {
  return (sentences ?? []).flatMap((sentence) => parseRule(sentence) ?? [])
}

/** A rule that nothing would enforce is worse than none: it is said where it stands. */
export function ruleWarnings(file: unknown, source: Source): readonly Problem[] {
  return asList(asMap(file)?.rules).flatMap((sentence, i) => {
    if (typeof sentence !== 'string' || parseRule(sentence) !== undefined) return []
    const [near, ...others] = KNOWN_SENTENCES.map((one) => `"${one}"`)
    const message = `nothing enforces ${JSON.stringify(sentence)}; write for example ${near}, and see docs/rules.md for the other ${others.length}`
    return [source.problem(['rules', i], message)]
  })
}
