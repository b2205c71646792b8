import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { outputReferences, substituteOutputs } from './substitute.ts'
import { check } from './testing/check.ts'

function shell(command: string, value: string): string {
  const result = substituteOutputs(command, () => value)
  if (!result.ok) throw new Error('missing')
  return execFileSync('sh', ['-c', result.command], {
    env: { ...process.env, ...result.env },
    encoding: 'utf8',
  })
}

const REFERENCE = '${tasks.a.outputs.v}'

test.each([
  ['bare', `printf %s ${REFERENCE}`],
  ['in double quotes', `printf %s "${REFERENCE}"`],
  ['in single quotes', `printf %s '${REFERENCE}'`],
  ['after an escaped quote', `printf %s "\\"" >/dev/null; printf %s ${REFERENCE}`],
])('an output is data, whatever is in it: %s', (_, command) => {
  check(
    20,
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), (value) => {
      fc.pre(!value.includes('\0'))
      expect(shell(command, value)).toBe(value)
    }),
  )
  for (const value of ['$(id)', '`id`', "'; id; '", '"; id; "', '\\', '$HOME', '* ?', 'a b']) {
    expect(shell(command, value)).toBe(value)
  }
})

test('a reference to what was not given is named', () => {
  const result = substituteOutputs('echo ${tasks.build.outputs.version}', () => undefined)
  expect(result).toEqual({ ok: false, missing: { task: 'build', name: 'version' } })
})

test('references are found, other dollars are left alone', () => {
  const command = 'echo ${HOME} ${tasks.compile-api.outputs.name} ${tasks.a.b.outputs.c_d}'
  expect(outputReferences(command)).toEqual([
    { task: 'compile-api', name: 'name' },
    { task: 'a.b', name: 'c_d' },
  ])
  expect(substituteOutputs('echo $HOME ${X}', () => 'v')).toEqual({
    ok: true,
    command: 'echo $HOME ${X}',
    env: {},
  })
})
