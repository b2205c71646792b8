import { execFile } from 'node:child_process'
import { access, constants, stat, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Check } from '../../preload/contract.ts'
import { formatBytes } from '../domain/bytes.ts'
import type { RunnerHealth } from '../engine/ports/runner.ts'
import { dockerFix, gitFix } from './remedies.ts'

/** What runs need of this machine, each with what is wrong and what mends it. For the pages and for `amphi doctor`. */

const NODE_MAJOR = 24
/** The first git with `merge-tree --write-tree`. */
const GIT_AT_LEAST = [2, 38] as const
/** Less makes the engine stall sooner or later: clones, output and artifacts all go there. */
const ENOUGH_BYTES = 2e9

export interface CheckParts {
  readonly dataDir: string
}

/** Looks at everything; never throws for what it finds. */
export async function checkMachine({ dataDir }: CheckParts): Promise<readonly Check[]> {
  const { dockerHealth } = await import('../machine.ts')
  const docker = await dockerHealth()
  const ready = docker.status === 'ready'
  return [
    checkNode(process.version),
    withFix(checkGit(await gitVersion()), gitFix),
    checkDocker(docker),
    await checkImage(ready),
    checkRunner(ready),
    await checkFolder(dataDir),
    checkSpace(await freeSpace(dataDir)),
  ]
}

function ok(id: Check['id'], detail: string): Check {
  return { id, status: 'ok', detail, remedy: '', fix: null }
}

function withFix(check: Check, fix: () => Check['fix']): Check {
  return check.status === 'ok' ? check : { ...check, fix: fix() }
}

export function checkNode(version: string): Check {
  if (Number(/^v(\d+)/.exec(version)?.[1]) >= NODE_MAJOR) return ok('node', version)
  const detail = `${version}; ${NODE_MAJOR} is needed`
  const remedy = 'Start ./amphi, which brings its own, after npm ci.'
  return { id: 'node', status: 'missing', detail, remedy, fix: null }
}

export function checkGit(version: string | undefined): Check {
  const remedy = 'Install git from your system’s packages.'
  if (version === undefined) return { id: 'git', status: 'missing', detail: 'not found', remedy, fix: null }
  const [major, minor] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  const recent = major! > GIT_AT_LEAST[0] || (major === GIT_AT_LEAST[0] && minor! >= GIT_AT_LEAST[1])
  if (recent) return ok('git', version)
  const detail = `${version}; ${GIT_AT_LEAST.join('.')} is needed`
  return { id: 'git', status: 'missing', detail, remedy, fix: null }
}

async function gitVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { timeout: 10_000 })
    return stdout.replace('git version', '').trim()
  } catch {
    return undefined
  }
}

/** Without Docker agents run as processes, so its absence is worth knowing and nothing worse. */
function checkDocker(health: RunnerHealth): Check {
  if (health.status === 'ready') return ok('docker', health.version)
  return {
    id: 'docker',
    status: 'note',
    detail: health.reason,
    remedy: health.remedy,
    fix: dockerFix(),
  }
}

async function checkImage(reachable: boolean): Promise<Check> {
  if (!reachable) {
    return { id: 'image', status: 'note', detail: 'unknown without Docker', remedy: '', fix: null }
  }
  const { agentImage } = await import('../machine.ts')
  const image = await agentImage()
  if (image.present) return ok('image', `${image.name}, ${formatBytes(image.bytes)}`)
  return {
    id: 'image',
    status: 'note',
    detail: `${image.name} is not on this machine`,
    remedy: 'It is built here, which takes about a minute; the first run does it by itself.',
    fix: { how: 'run', label: 'Build it', command: 'amphi doctor --fix' },
  }
}

/** What `runner: auto` comes to. */
function checkRunner(docker: boolean): Check {
  if (docker) return ok('runner', 'containers')
  return {
    id: 'runner',
    status: 'note',
    detail: 'processes of this machine, not isolated',
    remedy: 'Agents can do what their user can. With Docker each gets a container of its own.',
    fix: null,
  }
}

async function checkFolder(dataDir: string): Promise<Check> {
  try {
    const { makeDataFolder } = await import('../machine.ts')
    makeDataFolder(dataDir)
    await access(dataDir, constants.W_OK | constants.R_OK | constants.X_OK)
    const { mode } = await stat(dataDir)
    if (process.platform === 'win32' || (mode & 0o077) === 0) return ok('data', dataDir)
    const fix = { how: 'run', label: 'Close it to others', command: `chmod 700 ${dataDir}` } as const
    return { id: 'data', status: 'note', detail: `${dataDir} can be entered by other users`, remedy: '', fix }
  } catch (error) {
    const remedy = 'Make it writable for you, or choose another with --data or AMPHITHEATRE_DATA.'
    return {
      id: 'data',
      status: 'missing',
      detail: `${dataDir}: ${(error as Error).message}`,
      remedy,
      fix: null,
    }
  }
}

async function freeSpace(dataDir: string): Promise<number | undefined> {
  return statfs(dataDir).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  )
}

export function checkSpace(free: number | undefined): Check {
  if (free === undefined) {
    return { id: 'disk', status: 'note', detail: 'free space is unknown', remedy: '', fix: null }
  }
  const detail = `${formatBytes(free)} free`
  if (free >= ENOUGH_BYTES) return ok('disk', detail)
  const remedy = 'Free some: clones and output are kept in the data folder.'
  return { id: 'disk', status: 'note', detail, remedy, fix: null }
}
