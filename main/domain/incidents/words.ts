import { parseAttemptId } from '../ids.ts'

/** `0.943` is `94 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** `bad_migration` is `Bad migration`. */
export function titleOf(word: string): string {
  const plain = word.replaceAll(/[_-]+/g, ' ').trim()
  return plain === '' ? word : plain[0]!.toUpperCase() + plain.slice(1)
}

/** People by their names, agents by their tasks: `person:ann` is `ann`, `1m80…/deploy#1` is `deploy#1`. */
export function whoName(who: string): string {
  const parts = parseAttemptId(who)
  return parts === undefined ? who.replace(/^person:/, '') : `${parts.task}#${parts.attempt}`
}
