/**
 * Where a book stands: `LEG 1969`. The same as migration 004 computes for the books that were there before;
 * only a to z are raised, because SQLite's `upper` does no more.
 */
export function shelfMark(family: string, published: number): string {
  const letters = [...family.replaceAll(' ', '')].slice(0, 3).join('')
  return `${letters.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())} ${published}`
}
