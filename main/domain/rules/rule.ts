import { parseDuration } from '../duration.ts'

/** What the scheduler enforces, whatever anybody asks for. */
export const RULE_NAMES = [
  'one-writer',
  'gate-before-deploy',
  'backup-before-schema-change',
  'p0-to-person',
  'no-cycles',
] as const
export type RuleName = (typeof RULE_NAMES)[number]

export interface Rule {
  readonly name: RuleName
  /** As the project writes it: every refusal says it. */
  readonly sentence: string
  /** Of `p0-to-person`, ms; null takes the project's limit. */
  readonly afterMs: number | null
}

interface Form {
  readonly name: RuleName
  readonly reads: RegExp
  /** In the words of the devops framework. */
  readonly sentence: string
}

/** How a sentence is understood: by what it forbids, in any of the usual words for it. */
const FORMS: readonly Form[] = [
  {
    name: 'one-writer',
    reads: /\b(?:two|several|multiple) agents\b.*\b(?:same|one) files?\b/i,
    sentence: 'NO two agents modify same file simultaneously',
  },
  {
    name: 'gate-before-deploy',
    reads: /\bdeploy\w*\b.*\bwithout\b.*\b(?:gates?|checks?|approval)\b/i,
    sentence: 'NO deployment without quality gate approval',
  },
  {
    name: 'backup-before-schema-change',
    reads: /\b(?:schema|migrat\w*|database)\b.*\bwithout\b.*\bbackups?\b/i,
    sentence: 'NO schema changes without backup',
  },
  {
    name: 'p0-to-person',
    reads: /\b(?:P0|priority[- ]0)\b.*(?:>|\b(?:more|longer) than\b|\bover\b)\s*(?<after>\d+\s*[a-z]+)/i,
    sentence: 'NO agent works on P0 task for >15 min (escalate to human)',
  },
  {
    name: 'no-cycles',
    reads: /\b(?:cyclic|cycles?|circular|deadlocks?)\b/i,
    sentence: 'NO cross-agent cyclic dependencies (deadlock prevention)',
  },
]

/** It says what must not be, or whom to call; one that allows the same is no rule. */
const FORBIDS = /\b(?:no|never|not|cannot|forbid\w*|prohibit\w*|prevent\w*|avoid|escalate)\b|n['’]t\b/i

/** What a sentence asks for; undefined when it is none of the rules that can be enforced. */
export function parseRule(sentence: string): Rule | undefined {
  if (!FORBIDS.test(sentence)) return undefined
  for (const { name, reads } of FORMS) {
    const match = reads.exec(sentence)
    if (match === null) continue
    const after = match.groups?.after
    const parsed = after === undefined ? undefined : parseDuration(after)
    if (parsed?.ok === false) return undefined
    return { name, sentence, afterMs: parsed?.ms ?? null }
  }
  return undefined
}

/** The framework's own sentences, for telling what can be written. */
export const KNOWN_SENTENCES: readonly string[] = FORMS.map(({ sentence }) => sentence)

/** These hold in every project, written or not. */
const ALWAYS: readonly RuleName[] = ['one-writer', 'p0-to-person', 'no-cycles']

/** The rule as it holds under a plan; undefined where the project does not have it. */
export function ruleOf(plan: { readonly rules?: readonly Rule[] }, name: RuleName): Rule | undefined {
  const written = plan.rules?.find((rule) => rule.name === name)
  if (written !== undefined || !ALWAYS.includes(name)) return written
  return { name, sentence: FORMS.find((form) => form.name === name)!.sentence, afterMs: null }
}

/** The reason with the rule it stands on. */
export function underRule(reason: string, rule: Rule | undefined): string {
  return rule === undefined ? reason : `${reason} (rule: ${rule.sentence})`
}
