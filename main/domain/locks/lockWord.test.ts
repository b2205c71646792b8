import fc from 'fast-check'
import { expect, it } from 'vitest'
import { check } from '../testing/check.ts'
import { parseGlob } from './glob/parseGlob.ts'
import { lockOfWord } from './lockWord.ts'

const read = (word: string) => lockOfWord(word, 'shared', (name) => name === 'cache')

it.each([
  ['src/api/**', 'files', 'src/api/**'],
  ['./src/', 'files', 'src/**'],
  ['*.md', 'files', '*.md'],
  ['package.json', 'files', 'package.json'],
  ['{a,b}', 'files', '{a,b}'],
  ['file:Makefile', 'files', 'Makefile'],
  ['file:ab:c', 'files', 'ab:c'],
  ['port:5432', 'resource', 'port:5432'],
  ['env:eu/staging.1', 'resource', 'env:eu/staging.1'],
  ['cache', 'resource', 'cache'],
  ['resource:Makefile', 'resource', 'Makefile'],
])('%s is %s %s', (word, kind, on) => {
  expect(read(word)).toEqual({ ok: true, lock: { kind, on, mode: 'shared' } })
})

it.each([
  ['Makefile', /no resource of this project/],
  ['', /no resource/],
  ['/etc/passwd', /leaves the repository/],
  ['a/../../b', /leaves the repository/],
  ['.git/config', /git's own folder/],
  ['file:', /must not be empty/],
  ['resource:', /no name of a resource/],
  ['port:a b', /no name of a resource/],
  [':5432', /no name of a resource/],
])('%s is none, and what to write is said', (word, reason) => {
  expect(read(word)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(reason),
    remedy: expect.stringMatching(/\S/),
  })
})

it('makes of any word a lock that can be compared, or says why not', () => {
  const words = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'a/.*?[]{}()!@+|,:\\-') }))
  check(
    2_000,
    fc.property(words, (word) => {
      const found = read(word)
      if (!found.ok) expect(found.remedy).not.toBe('')
      else if (found.lock.kind === 'files') expect(() => parseGlob(found.lock.on)).not.toThrow()
    }),
  )
})
