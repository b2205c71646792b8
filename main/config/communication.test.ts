import { expect, test } from 'vitest'
import { DEFAULT_COMMUNICATION } from '../domain/talk/talk.ts'
import { parseSyncPoint } from './syncPoint.ts'
import { fixture, load, problemsOf } from './testing.ts'

const HOUR = 3_600_000

test('what is not said is as the framework has it', () => {
  expect(load('version: 1').communication).toEqual(DEFAULT_COMMUNICATION)
})

test('the framework’s block, and what a project adds', () => {
  const block = fixture('communication-efficiency.yaml')
  const own =
    'handoffs: {acknowledge_within: 1 hour, check_timeout: 30s, checks: {syntax_validation: npm run lint}}'
  expect(load(`version: 1\n${block}\n${own}`).communication).toEqual({
    responseSlaMs: 4 * HOUR,
    acknowledgeMs: HOUR,
    digestMs: 4 * HOUR,
    syncPoints: [
      { name: 'daily_standup', weekday: null, minute: 540 },
      { name: 'weekly_review', weekday: 5, minute: 900 },
    ],
    checks: { syntax_validation: 'npm run lint' },
    checkTimeoutMs: 30_000,
  })
  const quick = 'communication_efficiency: {async_communication: {response_sla: 2 hours}}'
  expect(load(`version: 1\n${quick}`).communication).toMatchObject({
    responseSlaMs: 2 * HOUR,
    acknowledgeMs: 2 * HOUR,
  })
})

test.each([
  ['09:00 UTC', { weekday: null, minute: 540 }],
  ['daily 9:05 utc', { weekday: null, minute: 545 }],
  ['Fridays 15:00 UTC', { weekday: 5, minute: 900 }],
  ['sun 00:00Z', { weekday: 0, minute: 0 }],
  ['24:00 UTC', undefined],
  ['09:60 UTC', undefined],
  ['Someday 09:00 UTC', undefined],
  ['09:00', undefined],
  ['', undefined],
])('a sync point at %j', (text, time) => {
  expect(parseSyncPoint(text)).toEqual(time)
})

test('what is not understood is named with its place', () => {
  expect(problemsOf('version: 1\ncommunication_efficiency: {sync_points: {standup: at nine}}')).toEqual([
    'a.yaml:2:51: "at nine" is not understood: write for example "09:00 UTC" or "Friday 15:00 UTC"',
  ])
  expect(problemsOf('version: 1\nhandoffs: {checks: {syntax: x}}')[0]).toMatch(/unknown key "syntax"/)
})
