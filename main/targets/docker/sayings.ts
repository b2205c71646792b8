import { lastWords, wordsSince } from './containers.ts'
import { type DockerPlace, nameOfPart } from './place.ts'

/** What programs say when something is in their way, and what to do about it. */

/** Of psql and its like: whoever they talked to went away, or is about to be there again. */
export const GONE =
  /connection to server .*failed|server closed the connection|terminating connection|the database system is/i
const FULL = /no space left|disk is full|ENOSPC|disk quota exceeded/i
const LINES = 3
const MAX_WORDS = 500

export const NO_ROOM = 'There is no room left: free some disk space where it is kept.'

export function isFullIn(words: string): boolean {
  return FULL.test(words)
}

/** Why a command ended: the end of what it said, and where its database went away, what that said since then (ms). */
export async function endingWords(place: DockerPlace, words: string, since: number): Promise<string> {
  const end = words.trim().split('\n').slice(-LINES).join(' ').replaceAll(/\s+/g, ' ').slice(-MAX_WORDS)
  if (place.target.database?.kind !== 'postgres' || !GONE.test(words)) return sentence(end)
  const said = await wordsSince(place.docker, nameOfPart(place, 'database'), since)
  const grave = graveIn(said)
  return grave === undefined ? sentence(end) : `${sentence(end)} The database said: ${sentence(grave)}`
}

/** What a database that does not come up says of that; the last of it where nothing stands out. */
export async function downWords(place: DockerPlace): Promise<string> {
  const words = await lastWords(place.docker, nameOfPart(place, 'database'), 30)
  return graveIn(words) ?? words.split('\n').slice(-5).join('\n')
}

/** The line that says why, among many: no room before all, and not that it is about to be up. */
function graveIn(words: string): string | undefined {
  const lines = words.split('\n').map((line) => line.trim())
  const grave = lines.filter(
    (line) => isFullIn(line) || (/\b(?:PANIC|FATAL): /.test(line) && !GONE.test(line)),
  )
  return grave.find(isFullIn) ?? grave[0]
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
