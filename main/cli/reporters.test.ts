import { expect, it } from 'vitest'
import { saidOnce } from './reporters.ts'

const REASON = `its check ended with code 22: ${'curl: (22) The requested URL returned error: 500 '.repeat(2)}`

it('gives the long reason of a failure once, whoever tells it again', () => {
  const short = saidOnce()
  expect(short(`production  unhealthy: ${REASON}`)).toBe(`production  unhealthy: ${REASON}`)
  expect(short(`deploy#1  failed: ${REASON}`)).toBe('deploy#1  failed: as above')
  expect(short(`release-2#1  failed: deploy: ${REASON}`)).toBe('release-2#1  failed: deploy: as above')
  expect(short('deploy#2  failed: no room')).toBe('deploy#2  failed: no room')
  expect(short('deploy#3  failed: no room')).toBe('deploy#3  failed: no room')
})
