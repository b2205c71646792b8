import { chmod, chown, copyFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DoorReply } from './door.ts'
import { plainReply } from './plain.ts'
import type { Owner } from './spoolFolder.ts'

/**
 * Answers to requests by file, in the door's folder: the engine's own, which the agent sees read-only.
 * `<id>.json`: `{"status":200,"body":{…}}`. `<id>.txt`, where words were asked for: the status on the first line, the
 * text after it. `<id>.data`: bytes that are the answer, there before the other is. Each is whole from the beginning,
 * and for the agent's eyes only.
 */
export class SpoolReplies {
  readonly #folder: string
  readonly #owner: Owner

  constructor(doorFolder: string, owner: Owner) {
    this.#folder = join(doorFolder, 'replies')
    this.#owner = owner
  }

  /** Ids of requests that were answered, also by an earlier engine. What that one did not finish is removed. */
  async ids(): Promise<readonly string[]> {
    const ids: string[] = []
    for (const name of await readdir(this.#folder)) {
      const id = /^([A-Za-z0-9_-]+)\.(?:json|txt)$/.exec(name)?.[1]
      if (id !== undefined) ids.push(id)
      else if (name.startsWith('.')) await rm(join(this.#folder, name), { force: true })
    }
    return ids
  }

  async write(id: string, verb: string, { status, body, file, retryAfter }: DoorReply, plain: boolean) {
    if (file !== undefined) await this.#put(`${id}.data`, (aside) => copyFile(file.path, aside))
    if (plain) {
      await this.#put(`${id}.txt`, (aside) => writeFile(aside, `${status}\n${plainReply(verb, { body })}`))
      return
    }
    const again = retryAfter === undefined ? {} : { retryAfter }
    await this.#put(`${id}.json`, (aside) => writeFile(aside, JSON.stringify({ status, ...again, body })))
  }

  async remove(id: string): Promise<void> {
    for (const kind of ['json', 'txt', 'data']) await rm(join(this.#folder, `${id}.${kind}`), { force: true })
  }

  async #put(name: string, make: (aside: string) => Promise<void>): Promise<void> {
    const aside = join(this.#folder, `.${name}`)
    await rm(aside, { force: true })
    await make(aside)
    if (this.#owner !== null) await chown(aside, this.#owner.uid, this.#owner.gid)
    await chmod(aside, 0o400)
    await rename(aside, join(this.#folder, name))
  }
}
