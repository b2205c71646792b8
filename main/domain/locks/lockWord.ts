import { globFault } from './glob/globFault.ts'
import type { Lock } from './lock.ts'

/** What somebody wrote for something to lock, read; or what is wrong with it and what to write instead. */
export type ReadLock =
  | { readonly ok: true; readonly lock: Lock }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }

/** A resource's name: `database_schema`, `port:5432`, `env:staging`. */
export const RESOURCE_NAME = /^[A-Za-z][A-Za-z0-9_.-]*(:[A-Za-z0-9_./-]+)?$/

/**
 * A word with a `:` is a resource; one with a `/`, a `.` or a sign of a glob is files; any other has to be a resource
 * that is known, so that nobody locks a name and means the file `Makefile`. `file:` and `resource:` before it decide.
 */
export function lockOfWord(
  word: string,
  mode: Lock['mode'],
  isResource: (name: string) => boolean,
): ReadLock {
  const forced = /^(file|resource):(.*)$/s.exec(word)
  if (forced?.[1] === 'file') return filesLock(forced[2]!, mode)
  if (forced?.[1] === 'resource') return resourceLock(forced[2]!, mode)
  if (word.includes(':')) return resourceLock(word, mode)
  if (/[/.*?[{(]/.test(word)) return filesLock(word, mode)
  if (isResource(word)) return resourceLock(word, mode)
  return {
    ok: false,
    reason: `${JSON.stringify(word)} is no resource of this project`,
    remedy: `Write file:${word} for the file, or resource:${word} for something that is no file.`,
  }
}

function filesLock(glob: string, mode: Lock['mode']): ReadLock {
  const on = glob.replace(/^(?:\.\/)+/, '').replace(/\/$/, '/**')
  const fault = globFault(on)
  if (fault === undefined) return { ok: true, lock: { kind: 'files', on, mode } }
  return { ok: false, reason: fault, remedy: 'Write it from the root of the repository, like src/**.' }
}

function resourceLock(name: string, mode: Lock['mode']): ReadLock {
  if (RESOURCE_NAME.test(name)) return { ok: true, lock: { kind: 'resource', on: name, mode } }
  const reason = `${JSON.stringify(name)} is no name of a resource`
  return { ok: false, reason, remedy: 'Write it like database_schema, port:5432 or env:staging.' }
}
