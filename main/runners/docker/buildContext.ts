import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import picomatch from 'picomatch'

/** What of a folder is sent to `docker build`. */
export interface BuildContext {
  readonly folder: string
  /** Relative paths of files and symbolic links, sorted. */
  readonly files: readonly string[]
  /** Of names, modes and contents, 64 hex digits: the same files always give the same. */
  readonly hash: string
}

/**
 * Lists and hashes a folder, leaving out what its `.dockerignore` names. Sockets, FIFOs and devices are left out:
 * reading them could hang. Throws what the file system throws.
 */
export async function readContext(folder: string): Promise<BuildContext> {
  const ignored = await ignoreRules(folder)
  const files: string[] = []
  const hash = createHash('sha256')
  const visit = async (under: string): Promise<void> => {
    const names = (await readdir(join(folder, under))).toSorted()
    for (const name of names) {
      const path = under === '' ? name : `${under}/${name}`
      const info = await lstat(join(folder, path))
      // A folder is entered even when ignored: a later `!` rule may bring back something in it.
      if (info.isDirectory()) await visit(path)
      else if ((info.isFile() || info.isSymbolicLink()) && !ignored(path)) {
        const link = info.isSymbolicLink()
        const content = link ? await readlink(join(folder, path)) : await readFile(join(folder, path))
        files.push(path)
        hash.update(`${JSON.stringify(path)} ${info.mode} ${content.length}\n`).update(content)
      }
    }
  }
  await visit('')
  return { folder, files, hash: hash.digest('hex') }
}

/** The files as a tar stream. A file that changes or goes meanwhile breaks the stream. */
export function packContext(context: BuildContext): NodeJS.ReadableStream {
  const args = ['-C', context.folder, '-c', '--no-recursion', '--null', '-T', '-']
  const tar = spawn('tar', args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const out = new PassThrough()
  tar.on('error', (error) => out.destroy(error))
  tar.stdin.on('error', () => undefined)
  tar.stdout.pipe(out, { end: false })
  tar.on('close', (code) => {
    if (code === 0) out.end()
    else out.destroy(new Error(`tar failed on ${context.folder}`))
  })
  tar.stdin.end(context.files.map((file) => `${file}\0`).join(''))
  return out
}

/** The last rule that matches decides, as Docker has it; the Dockerfile and the rules themselves always travel. */
async function ignoreRules(folder: string): Promise<(path: string) => boolean> {
  const text = await readFile(join(folder, '.dockerignore'), 'utf8').catch(() => '')
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const pattern = line
        .replace(/^!/, '')
        .replace(/^\.?\//, '')
        .replace(/\/$/, '')
      return { keep: line.startsWith('!'), matches: picomatch([pattern, `${pattern}/**`], { dot: true }) }
    })
  return (path) => {
    if (path === 'Dockerfile' || path === '.dockerignore') return false
    return rules.findLast((rule) => rule.matches(path))?.keep === false
  }
}
