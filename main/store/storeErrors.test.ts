import { expect, test } from 'vitest'
import { StoreError } from '../engine/ports/store.ts'
import type { Phase } from './storeErrors.ts'
import { codeOf, storeError } from './storeErrors.ts'

function failure(code: string): Error {
  return Object.assign(new Error('it failed'), { code })
}

test.each<[string, Phase, StoreError['kind']]>([
  ['SQLITE_FULL', 'writing', 'unavailable'],
  ['SQLITE_FULL', 'committing', 'unavailable'],
  ['SQLITE_BUSY', 'writing', 'unavailable'],
  ['SQLITE_BUSY_SNAPSHOT', 'committing', 'unavailable'],
  ['SQLITE_LOCKED', 'reading', 'unavailable'],
  ['SQLITE_IOERR_WRITE', 'writing', 'unavailable'],
  ['SQLITE_IOERR_FSYNC', 'committing', 'unknown'],
  ['SQLITE_IOERR', 'reading', 'unavailable'],
  ['SQLITE_NOMEM', 'committing', 'unknown'],
  ['SQLITE_NOMEM', 'reading', 'unavailable'],
  ['SQLITE_READONLY_DBMOVED', 'writing', 'unavailable'],
  ['SQLITE_CANTOPEN', 'opening', 'unavailable'],
  ['ENOSPC', 'opening', 'unavailable'],
  ['EACCES', 'opening', 'unavailable'],
  ['EROFS', 'opening', 'unavailable'],
  ['EIO', 'opening', 'unavailable'],
  ['SQLITE_CORRUPT_INDEX', 'reading', 'corrupt'],
  ['SQLITE_CORRUPT', 'committing', 'corrupt'],
  ['SQLITE_NOTADB', 'opening', 'corrupt'],
])('%s while %s is %s, with a file, a remedy and the cause', (code, phase, kind) => {
  const cause = failure(code)
  const error = storeError(cause, phase, '/data/log.database')
  expect(error).toBeInstanceOf(StoreError)
  expect(error).toMatchObject({ kind, cause, message: expect.stringContaining('/data/log.database') })
  expect((error as StoreError).remedy).toMatch(/\.$/)
})

test('a surprise stays what it is', () => {
  for (const error of [failure('SQLITE_CONSTRAINT_NOTNULL'), new TypeError('a bug'), 'a string', undefined]) {
    expect(storeError(error, 'writing', 'f')).toBe(error)
  }
  const known = new StoreError('newer', 'm', 'r')
  expect(storeError(known, 'opening', 'f')).toBe(known)
})

test('the code of an error that has none is empty', () => {
  expect([new Error('x'), 'x', null, Object.assign(new Error('x'), { code: 7 })].map(codeOf)).toEqual([
    '',
    '',
    '',
    '',
  ])
})
