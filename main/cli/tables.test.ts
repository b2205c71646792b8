import { expect, test } from 'vitest'
import { DetachKeys } from './commands/attach.ts'
import { dataDirFor } from './dataDir.ts'
import { CliError, exitCodeOf, explainError } from './errors.ts'
import { EXIT, exitCodeFor, worstExitCode } from './exitCodes.ts'
import { answerOf, type InterruptInput, type InterruptState, nextInterrupt } from './interrupts.ts'

test.each([
  ['completed', 0],
  ['failed', 1],
  ['needs-person', 3],
  ['running', 3],
  ['stopped', 130],
])('a run that is %s ends with %i', (status, code) => expect(exitCodeFor({ status })).toBe(code))

test.each([
  [[], 0],
  [[EXIT.done, EXIT.failed], 1],
  [[EXIT.failed, EXIT.needsPerson, EXIT.interrupted], 3],
  [[EXIT.done, EXIT.interrupted], 130],
] as const)('of %j the worst is %i', (codes, worst) => expect(worstExitCode(codes)).toBe(worst))

const host = { role: 'host', canAsk: true } as const
const batch = { role: 'host', canAsk: false } as const
const client = { role: 'client', canAsk: true } as const

test.each<[InterruptState, InterruptInput, typeof host | typeof batch | typeof client, InterruptState]>([
  ['watching', 'interrupt', client, 'left'],
  ['watching', 'interrupt', batch, 'left'],
  ['watching', 'interrupt', host, 'asking'],
  ['watching', 'terminate', host, 'left'],
  ['asking', 'go-on', host, 'watching'],
  ['asking', 'leave', host, 'left'],
  ['asking', 'stop', host, 'stopping'],
  ['asking', 'interrupt', host, 'stopping'],
  ['asking', 'terminate', host, 'left'],
  ['stopping', 'interrupt', host, 'gone'],
  ['stopping', 'terminate', host, 'left'],
  ['stopping', 'go-on', host, 'stopping'],
  ['left', 'interrupt', host, 'left'],
])('%s, then %s: %o → %s', (state, input, at, next) => {
  expect(nextInterrupt(state, input, at)).toBe(next)
})

test.each([
  ['s', 'stop'],
  ['L', 'leave'],
  ['\r', 'go-on'],
  ['\u0003', 'interrupt'],
  ['x', undefined],
])('the key %j answers %s', (key, answer) => expect(answerOf(key)).toBe(answer))

test.each<[string, number[][], string, boolean]>([
  ['plain keys', [[97, 98]], 'ab', false],
  ['the detach keys', [[97, 16, 17, 98]], 'a', true],
  ['the detach keys, one by one', [[16], [17]], '', true],
  ['a Ctrl-P of its own', [[16], [97]], '\u0010a', false],
  ['two Ctrl-P', [[16, 16], [97]], '\u0010\u0010a', false],
  ['a Ctrl-Q of its own', [[17]], '\u0011', false],
])('%s', (_, typed, passed, detaches) => {
  const keys = new DetachKeys()
  let text = ''
  let detached = false
  for (const piece of typed) {
    const { bytes, detach } = keys.take(Uint8Array.from(piece))
    text += Buffer.from(bytes).toString('latin1')
    detached ||= detach
  }
  expect([text, detached]).toEqual([passed, detaches])
})

test.runIf(process.platform === 'linux').each([
  ['/x', { AMPHITHEATRE_DATA: '/y' }, '/x'],
  [undefined, { AMPHITHEATRE_DATA: '/y', XDG_DATA_HOME: '/z' }, '/y'],
  [undefined, { XDG_DATA_HOME: '/z' }, '/z/amphitheatre'],
])('--data %s with %j is %s', (option, env, dir) => expect(dataDirFor(option, env)).toBe(dir))

test('errors are explained without a stack trace unless it is asked for', () => {
  const error = Object.assign(new Error('disk full'), { remedy: 'Free space.' })
  expect(explainError(error, {})).toEqual(['amphi: disk full', '  Free space.'])
  expect(explainError(new CliError('no'), {})).toEqual(['amphi: no'])
  expect(explainError(new Error('bug'), {}).at(-1)).toContain('AMPHITHEATRE_DEBUG')
  expect(explainError(error, { AMPHITHEATRE_DEBUG: '1' }).at(-1)).toContain('tables.test.ts')
  expect(explainError('text', {})[0]).toBe('amphi: text')
  expect(exitCodeOf(new CliError('x', undefined, EXIT.needsPerson))).toBe(3)
})
