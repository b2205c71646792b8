import { type RunId, runId } from '../../../main/domain/ids.ts'

/** Crockford's alphabet, as the program's own ids of runs have it: they sort as the runs began. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_DIGITS = 9
const RANDOM_DIGITS = 4

/** An id for a run that a page starts by a command. */
export function newRunId(now = Date.now()): RunId {
  let time = ''
  for (let rest = now, i = 0; i < TIME_DIGITS; i++, rest = Math.floor(rest / 32))
    time = ALPHABET[rest % 32]! + time
  const random = [...crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS))]
  return runId(time + random.map((byte) => ALPHABET[byte % 32]).join(''))
}
