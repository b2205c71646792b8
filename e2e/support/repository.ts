import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A temporary folder with a git repository (`root`) and an empty data folder (`data`). */
export interface Playground {
  readonly root: string
  readonly data: string
  remove(): void
}

export function playground(files: Readonly<Record<string, string>>): Playground {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-e2e-'))
  const [root, data] = [join(folder, 'repo'), join(folder, 'data')]
  mkdirSync(root)
  git(root, 'init', '-q', '-b', 'main')
  writeFiles(root, files)
  commitAll(root, 'first')
  return { root, data, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

export function commitAll(root: string, message: string): void {
  git(root, 'add', '-A')
  git(
    root,
    '-c',
    'user.name=Tester',
    '-c',
    'user.email=tester@example.invalid',
    'commit',
    '-q',
    '-m',
    message,
  )
}

export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** One hash over every file below `folder`: names, modes, contents. */
export function fingerprint(folder: string): string {
  const hash = createHash('sha256')
  const visit = (path: string): void => {
    const stats = lstatSync(path)
    hash.update(`${path}\0${stats.mode}\0`)
    if (stats.isSymbolicLink()) hash.update(readlinkSync(path))
    else if (stats.isFile()) hash.update(readFileSync(path))
    else if (stats.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name))
  }
  visit(folder)
  return hash.digest('hex')
}
