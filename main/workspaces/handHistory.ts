import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { matchesGlob } from '../domain/locks/glob/matchGlob.ts'
import { parseGlob } from '../domain/locks/glob/parseGlob.ts'
import type { FileHistory, HandWork } from '../engine/ports/workspaces.ts'
import { unlessMissing } from './files.ts'
import type { Git } from './git.ts'
import { openUserRepository } from './userRepository.ts'

/** Looked into; what more there is is left out. */
const MOST_FILES = 100
const MOST_BYTES = 4 * 1024 * 1024

/**
 * The same as `fileHistory` of agents that were started by hand, in the person's own checkouts: who committed changes of
 * these paths (or globs), and whether they hold marks of an unfinished merge there now. Only reads.
 */
export async function handHistory(
  git: Git,
  works: readonly HandWork[],
  paths: readonly string[],
): Promise<readonly FileHistory[]> {
  const asked = new Set(paths)
  const globs = paths.map((path) => parseGlob(path))
  const isAsked = (path: string): boolean => asked.has(path) || globs.some((glob) => matchesGlob(glob, path))
  const agents = new Map<string, Set<string>>()
  const marked = new Set<string>()
  for (const { agent, folder, commit } of works) {
    const repository = await openUserRepository(git, folder)
    const list = async (args: readonly string[]): Promise<string[]> =>
      (await repository.git({ args })).stdout
        .toString('utf8')
        .split('\0')
        .filter(isAsked)
        .slice(0, MOST_FILES)
    if (commit !== null) {
      const changes = ['diff-tree', '-r', '-z', '--root', '--no-commit-id', '--name-only', '--no-renames']
      for (const path of await list([...changes, '--end-of-options', commit]))
        agents.set(path, (agents.get(path) ?? new Set()).add(agent))
    }
    const top = (await repository.gitIn(folder, { args: ['rev-parse', '--show-toplevel'] })).stdout
    const root = top.toString('utf8').replace(/\n$/, '')
    for (const path of await list(['ls-files', '-z'])) if (await hasMarks(join(root, path))) marked.add(path)
  }
  return [...new Set([...agents.keys(), ...marked])].sort().map((path) => ({
    path,
    agents: [...(agents.get(path) ?? [])].sort(),
    marked: marked.has(path),
  }))
}

async function hasMarks(file: string): Promise<boolean> {
  const found = await unlessMissing(lstat(file))
  if (found?.isFile() !== true || found.size > MOST_BYTES) return false
  return /^(?:<{7}|>{7}) /m.test((await unlessMissing(readFile(file, 'utf8'))) ?? '')
}
