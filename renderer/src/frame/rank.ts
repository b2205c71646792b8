/** What the palette looks for text in. */
export interface Named {
  readonly label: string
  readonly hint?: string
}

/** Those that hold all letters in order; words begun and whole pieces first, else the order given. */
export function rank<E extends Named>(entries: readonly E[], text: string): readonly E[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return entries
  const scored = entries.map((entry, order) => ({ entry, order, score: scoreOf(entry, wanted) }))
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .map(({ entry }) => entry)
}

function scoreOf(entry: Named, wanted: string): number {
  const label = entry.label.toLowerCase()
  if (label.startsWith(wanted)) return 5
  if (beginsWord(label, wanted)) return 4
  if (label.includes(wanted)) return 3
  if (`${label} ${entry.hint?.toLowerCase() ?? ''}`.includes(wanted)) return 2
  return isSubsequence(wanted, label) ? 1 : 0
}

function beginsWord(text: string, wanted: string): boolean {
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    if (/[\s/_.#-]/.test(text.charAt(at - 1))) return true
  }
  return false
}

function isSubsequence(wanted: string, text: string): boolean {
  let at = 0
  for (const char of wanted) {
    at = text.indexOf(char, at) + 1
    if (at === 0) return false
  }
  return true
}
