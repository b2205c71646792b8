import { spawn } from 'node:child_process'
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { RunnerError } from '../../engine/ports/runner.ts'
import { ignoreRules } from './ignoreRules.ts'

/** What of a folder is sent to `docker build`. */
export interface BuildContext {
  readonly folder: string
  /** Relative paths of files and symbolic links, sorted. */
  readonly files: readonly string[]
  /** Of names, modes and contents, 64 hex digits: the same files always give the same. */
  readonly hash: string
}

/** More than this is not sent: reading it takes the engine's time, and Docker keeps a copy. */
export const CONTEXT_LIMITS = { bytes: 2 * 1024 ** 3, files: 100_000 } as const

/**
 * Lists and hashes a folder, leaving out what its `.dockerignore` names. Sockets, FIFOs and devices are left out:
 * reading them could hang. Throws RunnerError where it is too much, and what the file system throws.
 */
export async function readContext(
  folder: string,
  limits: { readonly bytes: number; readonly files: number } = CONTEXT_LIMITS,
): Promise<BuildContext> {
  const ignored = await ignoreRules(folder)
  const files: string[] = []
  const hash = createHash('sha256')
  let total = 0
  const visit = async (under: string): Promise<void> => {
    const names = (await readdir(join(folder, under))).toSorted()
    for (const name of names) {
      const path = under === '' ? name : `${under}/${name}`
      const info = await lstat(join(folder, path))
      // A folder is entered even when ignored: a later `!` rule may bring back something in it.
      if (info.isDirectory()) await visit(path)
      else if ((info.isFile() || info.isSymbolicLink()) && !ignored(path)) {
        files.push(path)
        total += info.size
        if (total > limits.bytes || files.length > limits.files) throw tooMuch(limits)
        await addTo(hash, join(folder, path), info, path)
      }
    }
  }
  await visit('')
  return { folder, files, hash: hash.digest('hex') }
}

async function addTo(hash: Hash, file: string, info: Stats, path: string): Promise<void> {
  if (info.isSymbolicLink()) {
    const to = await readlink(file)
    hash.update(`${JSON.stringify(path)} ${info.mode} ${to.length}\n`).update(to)
    return
  }
  hash.update(`${JSON.stringify(path)} ${info.mode} ${info.size}\n`)
  // Piece by piece: a large one must not stand in memory.
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
}

function tooMuch({ bytes, files }: { readonly bytes: number; readonly files: number }): RunnerError {
  const most = `${Math.round(bytes / 1024 ** 2)} MiB or ${files} files`
  const remedy = 'Name in .dockerignore what the image does not need.'
  return new RunnerError('refused', `The folder of the image holds more than ${most}.`, remedy)
}

/** The files as a tar stream. A file that changes or goes meanwhile breaks the stream. */
export function packContext(context: BuildContext): PassThrough {
  const args = ['-C', context.folder, '-c', '--no-recursion', '--null', '-T', '-']
  const tar = spawn('tar', args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const out = new PassThrough()
  tar.on('error', (error) => out.destroy(error))
  // Whoever reads no more must not leave it waiting for ever.
  out.on('close', () => tar.kill())
  tar.stdin.on('error', () => undefined)
  tar.stdout.pipe(out, { end: false })
  tar.on('close', (code) => {
    if (code === 0) out.end()
    else out.destroy(new Error(`tar failed on ${context.folder}`))
  })
  tar.stdin.end(context.files.map((file) => `${file}\0`).join(''))
  return out
}
