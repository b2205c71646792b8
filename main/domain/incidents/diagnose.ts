import type { Cause, CauseEvidence, Finding } from './incident.ts'
import type { CauseRow, Sign, WeightedSign } from './playbook.ts'
import { titleOf } from './words.ts'

/** How much the word of a check counts for a cause that has no row in the table. */
const UNLISTED_WEIGHT = 0.7
/** Less is not worth showing. */
const LEAST = 0.05

/**
 * Causes by the table, the most likely first, equally likely ones in the table's order. What speaks for a cause adds
 * up as independent signs do (1 − Π(1 − weight × confidence)); what speaks against it takes its share away. The same
 * findings give the same diagnosis, in whatever order they came.
 */
export function diagnose(rows: readonly CauseRow[], findings: readonly Finding[]): readonly Cause[] {
  const said = [...findings].filter(({ ok }) => ok).sort((a, b) => (a.check < b.check ? -1 : 1))
  const listed = rows.flatMap((row) => causeOf(row, said) ?? [])
  const all = [...listed, ...unlisted(rows, said)].filter(({ confidence }) => confidence >= LEAST)
  return all
    .map((cause, i) => ({ cause, i }))
    .sort((a, b) => b.cause.confidence - a.cause.confidence || a.i - b.i)
    .map(({ cause }) => cause)
}

function causeOf(row: CauseRow, said: readonly Finding[]): Cause | undefined {
  const isMet = (sign: Sign): boolean => said.some((finding) => matches(sign, finding))
  if (!row.needs.every(isMet)) return undefined
  const speaks = weighed(row.signs, said)
  if (speaks.length === 0) return undefined
  const denies = weighed(row.against, said)
  const against = denies.reduce((left, { weight }) => left * (1 - weight), 1)
  const evidence = [...speaks, ...denies.map((one) => ({ ...one, weight: -one.weight }))]
  return {
    cause: row.cause,
    title: row.title,
    confidence: round(together(speaks) * against),
    evidence: evidence.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)),
  }
}

/** A sign counts once for each check that shows it. */
function weighed(signs: readonly WeightedSign[], said: readonly Finding[]): readonly CauseEvidence[] {
  return signs.flatMap((sign) =>
    said
      .filter((finding) => matches(sign, finding))
      .map(({ check, text, confidence }) => ({
        check,
        text,
        weight: round(sign.weight * (confidence ?? 1)),
      })),
  )
}

function matches({ check, says }: Sign, finding: Finding): boolean {
  if (check !== null && check !== finding.check) return false
  return [finding.cause, finding.word].some((word) => word !== null && says.includes(word))
}

/** Causes that checks name and that the table does not know, neither as a cause nor as a sign of one. */
function unlisted(rows: readonly CauseRow[], said: readonly Finding[]): readonly Cause[] {
  const known = new Set(
    rows.flatMap(({ cause, needs, signs, against }) => [
      cause,
      ...[...needs, ...signs, ...against].flatMap(({ says }) => says),
    ]),
  )
  const words = [...new Set(said.flatMap(({ cause }) => cause ?? []))].filter(
    (word) => !known.has(word) && !STATUS_WORDS.has(word),
  )
  return words.sort().map((word) => {
    const sign = { check: null, says: [word], weight: UNLISTED_WEIGHT }
    const evidence = [...weighed([sign], said)].sort((a, b) => b.weight - a.weight)
    return { cause: word, title: titleOf(word), confidence: round(together(evidence)), evidence }
  })
}

/** What checks say of the state of things; no cause by itself. */
const STATUS_WORDS = new Set([
  'ready',
  'not_ready',
  'recent_deploy',
  'recent_migration',
  'unhealthy',
  'unreachable',
])

function together(evidence: readonly CauseEvidence[]): number {
  return 1 - evidence.reduce((left, { weight }) => left * (1 - weight), 1)
}

/** To a thousandth, so that sums on any machine are the same. */
function round(share: number): number {
  return Math.round(share * 1_000) / 1_000
}
