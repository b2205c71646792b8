/** Suggestions: the word a person most likely meant. */

/** Insertions, deletions, substitutions and swaps of neighbours between two words (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length]!
}

/** Longer words are never typing mistakes of a name, and comparing them would cost. */
const LONGEST = 80

/**
 * The candidate nearest to `word`, letter case and `-`/`_` aside, or undefined when none is near: a third of the
 * letters may differ, none in words of one or two. The first of equals wins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined
  const wanted = fold(word)
  let found: string | undefined
  let best = (wanted.length < 3 ? 0 : Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > best) continue
    const distance = editDistance(wanted, fold(candidate))
    if (distance >= best) continue
    best = distance
    found = candidate
  }
  return found
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '')
}
