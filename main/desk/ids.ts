import { createHash, randomInt } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { type ProjectId, projectId, type RunId, runId } from '../domain/ids.ts'

/** Crockford's alphabet: no i, l, o, u; sorts as the numbers do. In lower case, for git refs and file names. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_DIGITS = 9
const RANDOM_DIGITS = 4

/** A run's id: 9 digits of the time in ms, 4 random ones. Later runs sort after earlier ones until the year 3084. */
export function newRunId(now: number = Date.now(), random = randomDigit): RunId {
  let time = ''
  let rest = now
  for (let i = 0; i < TIME_DIGITS; i++) {
    time = ALPHABET[rest % 32]! + time
    rest = Math.floor(rest / 32)
  }
  return runId(time + Array.from({ length: RANDOM_DIGITS }, () => ALPHABET[random()]).join(''))
}

function randomDigit(): number {
  return randomInt(32)
}

/** A project's id: the same for the same folder and name, whatever path leads there. */
export function projectIdFor(root: string, name: string): ProjectId {
  const digest = createHash('sha256').update(realpathSync.native(root)).update('\0').update(name)
  return projectId(digest.digest('hex').slice(0, 12))
}
