import { execFile } from 'node:child_process'
import { access, constants, stat, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import { formatBytes } from '../../domain/bytes.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { connect } from '../session.ts'
import type { Mark } from '../view/style.ts'
import { pad } from '../view/text.ts'

/** One thing that was looked at. */
export interface Finding {
  readonly name: string
  /** `missing` is needed; `note` is worth knowing. */
  readonly status: 'ok' | 'missing' | 'note'
  readonly detail: string
  /** Empty where nothing is to be done. */
  readonly remedy: string
}

export interface DoctorOptions {
  readonly fix: boolean
}

/** `amphi doctor`: is everything here that runs need, and what to do where not. */
export async function doctor(context: Context, options: DoctorOptions): Promise<ExitCode> {
  const docker = await dockerFinding()
  if (options.fix && docker.status === 'ok') await fixImage(context)
  const findings = [
    nodeFinding(process.version),
    gitFinding(await gitVersion()),
    docker,
    await imageFinding(docker.status === 'ok'),
    await folderFinding(context.dataDir),
    await spaceFinding(context.dataDir),
    await engineFinding(context),
  ]
  for (const finding of findings) {
    if (context.out.json) await context.out.object(finding)
    else await printFinding(context, finding)
  }
  return findings.some(({ status }) => status === 'missing') ? EXIT.failed : EXIT.done
}

const MARK: Readonly<Record<Finding['status'], Mark>> = { ok: 'done', missing: 'failed', note: 'needs-you' }

async function printFinding({ out }: Context, { name, status, detail, remedy }: Finding): Promise<void> {
  await out.line(`${out.style.glyph(MARK[status])} ${pad(name, 12)} ${detail}`)
  if (remedy !== '') await out.line(`  ${' '.repeat(12)} ${remedy}`)
}

function ok(name: string, detail: string): Finding {
  return { name, status: 'ok', detail, remedy: '' }
}

const NODE_MAJOR = 24

export function nodeFinding(version: string): Finding {
  if (Number(/^v(\d+)/.exec(version)?.[1]) >= NODE_MAJOR) return ok('Node', version)
  const detail = `${version}; ${NODE_MAJOR} is needed`
  return {
    name: 'Node',
    status: 'missing',
    detail,
    remedy: 'Start ./amphi, which brings its own, after npm ci.',
  }
}

/** The first with `merge-tree --write-tree`. */
const GIT_AT_LEAST = [2, 38] as const

export function gitFinding(version: string | undefined): Finding {
  const remedy = 'Install git from your system’s packages (apt install git).'
  if (version === undefined) return { name: 'git', status: 'missing', detail: 'not found', remedy }
  const [major, minor] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  const recent = major! > GIT_AT_LEAST[0] || (major === GIT_AT_LEAST[0] && minor! >= GIT_AT_LEAST[1])
  if (recent) return ok('git', version)
  return { name: 'git', status: 'missing', detail: `${version}; ${GIT_AT_LEAST.join('.')} is needed`, remedy }
}

async function gitVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { timeout: 10_000 })
    return stdout.replace('git version', '').trim()
  } catch {
    return undefined
  }
}

async function dockerFinding(): Promise<Finding> {
  const { dockerHealth } = await import('../../machine.ts')
  const health = await dockerHealth()
  if (health.status === 'ready') return ok('Docker', health.version)
  return { name: 'Docker', status: 'missing', detail: health.reason, remedy: health.remedy }
}

async function imageFinding(reachable: boolean): Promise<Finding> {
  const name = 'Agent image'
  if (!reachable) return { name, status: 'note', detail: 'unknown without Docker', remedy: '' }
  const { agentImage } = await import('../../machine.ts')
  const image = await agentImage()
  if (image.present) return ok(name, `${image.name}, ${formatBytes(image.bytes)}`)
  const remedy = 'amphi doctor --fix builds it (about a minute); so does the first run.'
  return { name, status: 'missing', detail: `${image.name} is not on this machine`, remedy }
}

async function fixImage(context: Context): Promise<void> {
  const { buildAgentImage } = await import('../../machine.ts')
  await buildAgentImage((line) => context.out.note(line))
}

async function folderFinding(dataDir: string): Promise<Finding> {
  const name = 'Data folder'
  try {
    const { makeDataFolder } = await import('../../machine.ts')
    makeDataFolder(dataDir)
    await access(dataDir, constants.W_OK | constants.R_OK | constants.X_OK)
    const { mode } = await stat(dataDir)
    if (process.platform === 'win32' || (mode & 0o077) === 0) return ok(name, dataDir)
    const remedy = `chmod 700 ${dataDir}`
    return { name, status: 'note', detail: `${dataDir} can be entered by other users`, remedy }
  } catch (error) {
    const remedy = 'Make it writable for you, or choose another with --data or AMPHITHEATRE_DATA.'
    return { name, status: 'missing', detail: `${dataDir}: ${(error as Error).message}`, remedy }
  }
}

/** Less makes the engine stall sooner or later: clones, output and artifacts all go there. */
const ENOUGH_BYTES = 1024 ** 3

async function spaceFinding(dataDir: string): Promise<Finding> {
  const free = await statfs(dataDir).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  )
  return describeSpace(free)
}

export function describeSpace(free: number | undefined): Finding {
  const name = 'Disk'
  if (free === undefined) return { name, status: 'note', detail: 'free space is unknown', remedy: '' }
  const detail = `${formatBytes(free)} free`
  if (free >= ENOUGH_BYTES) return ok(name, detail)
  return { name, status: 'note', detail, remedy: 'Free some: clones and output are kept in the data folder.' }
}

async function engineFinding(context: Context): Promise<Finding> {
  const name = 'Engine'
  const session = await connect(context)
  if (session === undefined) return ok(name, 'not running; it starts with the next run')
  try {
    const { engine, version, pid } = await session.center.health()
    if (engine.status === 'running') return ok(name, `${version} runs in process ${pid}`)
    return { name, status: 'missing', detail: `stalled: ${engine.reason}`, remedy: engine.remedy }
  } finally {
    await session.close()
  }
}
