/** `0.943` is `94 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** `bad_migration` is `Bad migration`. */
export function titleOf(word: string): string {
  const plain = word.replaceAll(/[_-]+/g, ' ').trim()
  return plain === '' ? word : plain[0]!.toUpperCase() + plain.slice(1)
}
