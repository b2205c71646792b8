/** A book as someone describes it, checked. */
export interface BookDraft {
  readonly isbn: string
  readonly title: string
  readonly given: string
  readonly family: string
  readonly published: number
  readonly genre: string
}

export type DraftResult =
  | { readonly status: 'valid'; readonly draft: BookDraft }
  | { readonly status: 'invalid'; readonly problems: readonly string[] }

/** Checks what came in by form or JSON; names every problem, not only the first. */
export function checkDraft(input: Readonly<Record<string, unknown>>): DraftResult {
  const text = (name: string): string => String(input[name] ?? '').trim()
  const [given, family] = splitName(text('author'))
  const draft: BookDraft = {
    isbn: text('isbn').replaceAll(/[\s-]/g, ''),
    title: text('title'),
    given,
    family,
    published: Number(text('published')),
    genre: text('genre') || 'Fiction',
  }
  const problems = problemsOf(draft)
  return problems.length > 0 ? { status: 'invalid', problems } : { status: 'valid', draft }
}

function problemsOf(draft: BookDraft): string[] {
  const problems: string[] = []
  if (draft.title === '') problems.push('Give the book a title.')
  if (draft.family === '') problems.push('Say who wrote it.')
  if (!isIsbn13(draft.isbn)) problems.push('The ISBN has 13 digits; the last one is a check digit.')
  const { published } = draft
  if (!Number.isInteger(published) || published < 1450 || published > 2100)
    problems.push('The year of publication is a number from 1450 to 2100.')
  return problems
}

/** `Ursula K. Le Guin` becomes `Ursula K.` and `Le Guin`: particles such as Le, van, de stay with the family name. */
export function splitName(name: string): [given: string, family: string] {
  const words = name.split(/\s+/).filter((word) => word !== '')
  let start = words.length - 1
  while (start > 1 && /^(le|la|de|da|di|van|von|der|den)$/i.test(words[start - 1]!)) start -= 1
  return [words.slice(0, Math.max(start, 0)).join(' '), words.slice(Math.max(start, 0)).join(' ')]
}

/** Thirteen digits, weighted 1 and 3 in turn, add up to a multiple of ten. */
export function isIsbn13(text: string): boolean {
  if (!/^\d{13}$/.test(text)) return false
  const sum = [...text].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}
