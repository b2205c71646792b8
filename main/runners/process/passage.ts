import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, statSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { RunnerError } from '../../engine/ports/runner.ts'

/**
 * How an agent that is not root comes to its files when the engine is root: these lie below folders that only root may
 * enter (the data folder, /root). Where the system allows it, the agent gets a view of its own in which such a folder
 * holds what is the agent's and nothing else; otherwise the engine's own folders on the way are opened to its group.
 */
export interface Passage {
  /** Arguments for `COVER`; empty where every folder on the way may be entered as it is. */
  readonly cover: readonly string[]
}

export interface Needed {
  readonly path: string
  readonly access: 'rw' | 'ro'
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Given a working folder, a folder to build in, and steps up to `--`: builds beside what is to be hidden, then moves it
 * over. Runs as root in a mount namespace of its own, which ends with the agent.
 */
export const COVER = [
  'cwd=$1 stage=$2; shift 2; umask 022',
  'fail() { echo "amphitheatre: the agent cannot be given its folders" >&2; exit 126; }',
  'while [ "$1" != -- ]; do',
  '  case $1 in',
  '    over) top=$2; mount -t tmpfs -o mode=0755,nosuid,nodev amphitheatre "$stage" || fail ;;',
  '    rw|ro) to=$stage${2#"$top"}; mkdir -p "$to" && mount --bind "$2" "$to" || fail',
  '      [ "$1" = rw ] || mount -o remount,bind,ro "$to" || fail ;;',
  '    done) mount --move "$stage" "$top" || fail ;;',
  '  esac',
  '  shift 2',
  'done',
  'shift; cd "$cwd" || fail; exec "$@"',
].join('\n')

/** Folders that exist everywhere and hold nothing an agent needs. */
const STAGES = ['/mnt', '/media', '/srv'] as const

/** Throws RunnerError `refused` where the agent's user cannot be let in. `ours` is the folder that may be opened. */
export function makePassage(
  needed: readonly Needed[],
  cwd: string,
  owner: Owner,
  ours: string,
  canCover: boolean,
): Passage {
  const blocked = needed.map(({ path }) => closedFolders(path, owner)).filter((closed) => closed.length > 0)
  if (blocked.length === 0) return { cover: [] }
  const stage = canCover ? STAGES.find((folder) => isFreeStage(folder, needed)) : undefined
  if (stage !== undefined) {
    const tops = outermost(blocked.map((closed) => closed[0]!))
    return { cover: [cwd, stage, ...tops.flatMap((top) => stepsFor(top, needed)), '--'] }
  }
  for (const folder of new Set(blocked.flat())) open(folder, owner, ours)
  return { cover: [] }
}

/** Folders above `path` that `owner` may not pass, from the root down. */
export function closedFolders(path: string, owner: Owner): readonly string[] {
  const closed: string[] = []
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!mayPass(folder, owner)) closed.unshift(folder)
    if (dirname(folder) === folder) return closed
  }
}

function mayPass(folder: string, { uid, gid }: Owner): boolean {
  const stat = statSync(folder)
  if (stat.uid === uid) return (stat.mode & 0o100) !== 0
  if (stat.gid === gid) return (stat.mode & 0o010) !== 0
  return (stat.mode & 0o001) !== 0
}

function outermost(folders: readonly string[]): readonly string[] {
  const all = [...new Set(folders)]
  return all.filter((folder) => !all.some((other) => folder !== other && isInside(folder, other)))
}

function stepsFor(top: string, needed: readonly Needed[]): readonly string[] {
  const inside = needed.filter(({ path }) => isInside(path, top))
  return ['over', top, ...inside.flatMap(({ access, path }) => [access, path]), 'done', top]
}

function isFreeStage(folder: string, needed: readonly Needed[]): boolean {
  return existsSync(folder) && needed.every(({ path }) => !isInside(path, folder))
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** Lets the agent's group pass, and no more: what lies in the folder has modes of its own. */
function open(folder: string, owner: Owner, ours: string): void {
  if (!isInside(folder, ours)) {
    const remedy = `Choose a data folder outside of ${folder} with --data, or start the program as a user who is not root.`
    throw new RunnerError('refused', `Agents run as user ${owner.uid}, who may not enter ${folder}.`, remedy)
  }
  const { mode } = statSync(folder)
  chownSync(folder, -1, owner.gid)
  chmodSync(folder, (mode & 0o7707) | 0o010)
}

let covering: boolean | undefined

/** Can this process give others a view of the file system of their own? Asked of the system once. */
export function canCover(unshare: string | undefined): boolean {
  covering ??= unshare !== undefined && succeeds(unshare)
  return covering
}

function succeeds(unshare: string): boolean {
  try {
    const script = 'mount -t tmpfs amphitheatre /mnt'
    const args = ['-m', '--propagation', 'private', 'sh', '-c', script]
    execFileSync(unshare, args, { stdio: 'ignore', timeout: 10_000 })
    return true
  } catch {
    return false
  }
}
