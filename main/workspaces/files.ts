import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isErrno } from './git.ts'

/** Resolves to undefined where the file does not exist. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  return await unlessMissing(readFile(path))
}

export async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (isErrno(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined
    throw error
  }
}

/**
 * All or nothing: written aside, renamed; synced first, so that it holds across a power loss too, unless the
 * caller has another way to tell then.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  sync = true,
): Promise<void> {
  const aside = join(dirname(path), `.new-${randomUUID()}`)
  try {
    const file = await open(aside, 'wx', 0o600)
    try {
      await file.writeFile(content)
      if (sync) await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}

export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/**
 * Removes a folder an agent may have filled: never follows links, copes with nesting deeper than a path may be
 * long (hence `rm`, which walks relatively) and with folders made unreadable. Idempotent.
 */
export async function removeTree(path: string): Promise<void> {
  if (process.platform === 'win32') return await rm(path, { recursive: true, force: true, maxRetries: 3 })
  // Only root may remove what has no permissions; everyone else restores their own first.
  if (process.getuid?.() !== 0) await runTool('chmod', ['-R', 'u+rwX', '--', path]).catch(() => undefined)
  await runTool('rm', ['-rf', '--', path])
}

/** Gives a tree the engine has just made (nothing of an agent in it yet) to the agents' user. */
export async function giveTree(path: string, uid: number, gid: number): Promise<void> {
  if (process.getuid?.() !== 0) return
  await runTool('chown', ['-hR', `${uid}:${gid}`, '--', path])
}

async function runTool(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (stderr.length < 4096) stderr += chunk.toString('utf8')
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return
  const error: NodeJS.ErrnoException = new Error(`${program}: ${stderr.trim()}`)
  error.syscall = program
  error.code = /No space left/.test(stderr) ? 'ENOSPC' : 'EIO'
  throw error
}

/** Runs `work` over the items, so many at a time; after the first failure none is begun and it is thrown. */
export async function eachOf<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const failures: unknown[] = []
  const worker = async (): Promise<void> => {
    while (failures.length === 0) {
      const next = iterator.next()
      if (next.done === true) return
      await work(next.value).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  if (failures.length > 0) throw failures[0]
}

/** Lets timers and sockets have their turn in the middle of a long loop. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Calls with the same key run one after another, in order. */
export function createQueue(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work)
    const settled = mine.then(
      () => undefined,
      () => undefined,
    )
    last.set(key, settled)
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key)
    })
    return mine
  }
}
