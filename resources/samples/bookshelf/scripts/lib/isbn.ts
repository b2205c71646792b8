/** A valid ISBN-13 for made-up books: a number of ours and the check digit it needs. */
export function isbn13(number: number): string {
  const digits = `978${String(number).padStart(9, '0')}`
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}
