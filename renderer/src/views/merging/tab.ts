/** Where in the address the merge queue is: `merge`, and `merge3` with the output of its third check. */
export const MERGE_AT = 'merge'

export function mergeAt(check: number): string {
  return `${MERGE_AT}${check}`
}

export function isMergeAt(at: string | undefined): boolean {
  return at !== undefined && /^merge\d*$/.test(at)
}

/** The check whose output is shown. */
export function checkAt(at: string | undefined): number | undefined {
  const digits = at === undefined ? undefined : /^merge(\d+)$/.exec(at)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
