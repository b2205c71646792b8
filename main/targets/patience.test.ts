import { expect, it } from 'vitest'
import { RunnerError } from '../engine/ports/runner.ts'
import { isPassing, PATIENCE, Patience } from './patience.ts'
import { StepError } from './step.ts'

const gone = new RunnerError('unavailable', 'Docker is away.', 'Start it.', {
  cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
})
const full = new RunnerError('unavailable', 'All address ranges are in use.', 'Remove some.')
const odd = new StepError('It does not do as it is told.', 'Look at it.', { passing: true })
const HOUR = 3_600_000

it('counts from when trouble began, however long the step had worked', () => {
  const patience = new Patience(PATIENCE)
  expect(patience.lasts(odd, HOUR)).toBe(true)
  expect(patience.lasts(odd, HOUR + 29_000)).toBe(true)
  expect(patience.lasts(odd, HOUR + 31_000)).toBe(false)
})

it('waits longer for Docker than for anything else', () => {
  const patience = new Patience(PATIENCE)
  for (let at = 0; at < PATIENCE.awayMs; at += 10_000) expect(patience.lasts(gone, at)).toBe(true)
  expect(patience.lasts(gone, PATIENCE.awayMs)).toBe(false)
  const other = new Patience(PATIENCE)
  expect([other.lasts(full, 0), other.lasts(full, 30_000)]).toEqual([true, false])
})

it('takes trouble after a while without any for new, but not for ever', () => {
  const patience = new Patience(PATIENCE)
  const troubles = Array.from({ length: 6 }, (_, i) => patience.lasts(odd, i * HOUR))
  expect(troubles).toEqual([true, true, true, true, true, false])
})

it('knows what may pass', () => {
  const away = Object.assign(new Error('connect'), { code: 'ENOENT', syscall: 'connect' })
  expect([gone, full, odd, away, new Error('aborted')].every(isPassing)).toBe(true)
  const missing = Object.assign(new Error('open'), { code: 'ENOENT', syscall: 'open' })
  expect(
    [missing, new StepError('No.', 'No.'), new RunnerError('refused', 'No.', 'No.')].some(isPassing),
  ).toBe(false)
})
