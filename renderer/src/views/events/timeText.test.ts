import { expect, test } from 'vitest'
import { timeText } from './timeText.ts'

const at = (text: string): number => new Date(text).getTime()
const NOW = at('2026-11-21T10:00:00')

test.each([
  ['2026-11-21T09:05:07', 'en', '09:05:07'],
  ['2026-11-21T00:00:00', 'vi', '00:00:00'],
  ['2026-11-20T23:59:59', 'en', 'Nov 20 23:59'],
  ['2025-11-21T09:05:07', 'en', 'Nov 21 09:05'],
  ['2026-11-20T23:59:59', 'vi', '20/11 23:59'],
] as const)('%s in %s: %s', (time, language, text) => {
  expect(timeText(at(time), NOW, language).replaceAll('-', '/')).toBe(text)
})
