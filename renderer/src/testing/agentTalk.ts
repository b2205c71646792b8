/** What made-up agents say: colours, ticks, warnings, links, and bars that fill in place. */
const DIM = '\u001b[2m'
const RESET = '\u001b[0m'
const colour = (code: number, text: string): string => `\u001b[${code}m${text}${RESET}`

const FILES = [
  'src/api/cart.ts',
  'src/api/orders.ts',
  'src/db/pool.ts',
  'src/web/checkout.tsx',
  'src/web/search.tsx',
  'test/orders.test.ts',
  'db/migrations/0014_add_pgvector.sql',
]

/** Goes on for as long as it is asked; a bar's steps are pieces of their own. */
export function* agentLines(attempt: string, command: string, random: () => number): Generator<string, void> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const first = command.trim().split('\n', 1)[0]!
  yield `\u001b[1m$ ${first.length > 100 ? `${first.slice(0, 99)}…` : first}${RESET}\r\n`
  yield `${DIM}reading ${10 + Math.floor(random() * 30)} files from src${RESET}\r\n`
  for (let round = 1; ; round++) {
    const checked = 3 + Math.floor(random() * 4)
    for (let n = 0; n < checked; n++) {
      const file = pick(FILES)
      if (random() < 0.15)
        yield ` ${colour(33, '▲')} ${file.padEnd(38)} ${DIM}rewrites table documents (1.2 M rows)${RESET}\r\n`
      else yield ` ${colour(32, '✓')} ${file.padEnd(38)} ${DIM}${(random() * 90).toFixed(1)} ms${RESET}\r\n`
    }
    yield colour(34, `→ step ${round} of ${attempt.split('/').at(-1)}\r\n`)
    for (let share = 0; share <= 20; share += 1 + Math.floor(random() * 2)) yield bar(share)
    yield `${bar(20)}\r\n`
    if (random() < 0.3) yield `see ${colour(36, 'https://example.org/report')} for the details\r\n`
    if (random() < 0.1) yield colour(31, '  1 flaky test was run again and passed\r\n')
  }
}

function bar(share: number): string {
  const full = colour(36, '█'.repeat(share))
  return `\r\u001b[Kestimating … ${String(share * 5).padStart(3)} %  ${full}${DIM}${'█'.repeat(20 - share)}${RESET}`
}

const LINE = new TextEncoder().encode(
  '\u001b[32mok\u001b[0m 2026-03-14T09:26:53 worker stored record 314159 in partition 26, \u001b[33m5358 us\u001b[0m\r\n',
)

/** Output as a program that says too much makes it, about `size` bytes in whole lines. */
export function floodBytes(size: number): Uint8Array {
  const lines = Math.max(1, Math.round(size / LINE.length))
  const bytes = new Uint8Array(lines * LINE.length)
  for (let n = 0; n < lines; n++) bytes.set(LINE, n * LINE.length)
  return bytes
}
