import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type Docker from 'dockerode'
import { RunnerError } from '../../engine/ports/runner.ts'
import { packContext, readContext } from './buildContext.ts'
import { statusOf } from './client.ts'
import { followProgress } from './progress.ts'

/** The image agents get unless the project names another: Debian, sh, git, curl, Node 24 and npm; user 1000. */
export const AGENT_IMAGE = 'amphitheatre/agent:latest'
const VERSION_LABEL = 'amphitheatre.image'
/** Raised when the recipe below changes, so that machines with an older image build it anew. */
const RECIPE = '1'
const DOCKERFILE_FOLDER = join(import.meta.dirname, '../../../resources/images/agent')
const REMEDY =
  'Either install debootstrap and run `npm run image` as root (needs Debian packages only), or give the machine access to Docker Hub.'
const TRIM = ['usr/share/doc', 'usr/share/man', 'usr/share/info', 'usr/share/locale', 'usr/share/lintian']
const TRIM_STATE = [
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
  'var/cache/debconf',
  'var/cache/ldconfig',
]

const run = promisify(execFile)

/**
 * Makes sure `AGENT_IMAGE` is there in the version this program wants; builds it if not (about a minute).
 * As root with debootstrap it needs no registry: a Debian base is bootstrapped, Node and npm are copied in and the
 * whole is imported. Otherwise, or when that fails, the Dockerfile is built, which pulls its bases.
 * Throws `RunnerError('refused')` naming both causes when neither works.
 */
export async function ensureAgentImage(docker: Docker, onProgress: (line: string) => void): Promise<void> {
  const version = await wantedVersion()
  if ((await presentVersion(docker)) === version) return
  const causes: string[] = []
  const ways = [bootstrap, buildDockerfile]
  for (const way of ways) {
    try {
      await way(docker, version, onProgress)
      return
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error)
      causes.push(cause)
      onProgress(cause)
    }
  }
  throw new RunnerError('refused', `The agent image could not be made. ${causes.join(' Then: ')}`, REMEDY)
}

async function wantedVersion(): Promise<string> {
  const dockerfile = await readFile(join(DOCKERFILE_FOLDER, 'Dockerfile'))
  const digest = createHash('sha256').update(RECIPE).update(dockerfile).update(nodeVersion())
  return digest.digest('hex').slice(0, 16)
}

async function presentVersion(docker: Docker): Promise<string | undefined> {
  try {
    const image = await docker.getImage(AGENT_IMAGE).inspect()
    return image.Config.Labels?.[VERSION_LABEL] ?? ''
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

async function bootstrap(docker: Docker, version: string, onProgress: (line: string) => void): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error('Only root on Linux can run debootstrap.')
  const folder = await mkdtemp(join(tmpdir(), 'amphitheatre-image-'))
  const root = join(folder, 'root')
  try {
    const packages = '--include=git,curl,ca-certificates'
    await lines('debootstrap', ['--variant=minbase', packages, 'bookworm', root], onProgress)
    await trim(root)
    onProgress('Adding Node and npm')
    await addNode(root, folder)
    await appendFile(join(root, 'etc/passwd'), 'agent:x:1000:1000:Agent:/tmp:/bin/sh\n')
    await appendFile(join(root, 'etc/group'), 'agent:x:1000:\n')
    await mkdir(join(root, 'workspace'))
    await mkdir(join(root, 'amphitheatre'))
    onProgress('Importing into Docker')
    await importRoot(docker, root, version, onProgress)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function trim(root: string): Promise<void> {
  for (const path of [...TRIM, ...TRIM_STATE]) await rm(join(root, path), { recursive: true, force: true })
  for (const path of TRIM_STATE) await mkdir(join(root, path), { recursive: true })
}

async function addNode(root: string, scratch: string): Promise<void> {
  const node = join(root, 'usr/local/bin/node')
  await copyFile(nodeBinary(), node)
  await chmod(node, 0o755)
  const modules = join(root, 'usr/local/lib/node_modules')
  await mkdir(modules, { recursive: true })
  await cp(await npmFolder(scratch), join(modules, 'npm'), { recursive: true, verbatimSymlinks: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  await symlink('../lib/node_modules/npm/bin/npx-cli.js', join(root, 'usr/local/bin/npx'))
  await symlink('/usr/local/bin/node', join(root, 'usr/bin/node'))
}

/** Of the Node that goes into the image: Electron's own is another, and must not make another image. */
function nodeVersion(): string {
  const manifest = nodeManifest()
  if (manifest === undefined) return process.versions.node
  return (createRequire(import.meta.url)(manifest) as { version: string }).version
}

/** The Node the project brings along as a package, else the one that runs this. */
function nodeBinary(): string {
  const manifest = nodeManifest()
  return manifest === undefined ? process.execPath : join(dirname(manifest), 'bin/node')
}

function nodeManifest(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`)
  } catch {
    return undefined
  }
}

/** This machine's npm where it stands in one folder and is recent; else npm 11 from the registry. */
async function npmFolder(scratch: string): Promise<string> {
  for (const folder of ['/usr/lib/node_modules/npm', '/usr/local/lib/node_modules/npm']) {
    const manifest = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
    const { version } = JSON.parse(manifest) as { version?: string }
    if (version !== undefined && Number(version.split('.')[0]) >= 11) return folder
  }
  const { stdout } = await run('npm', ['pack', 'npm@11', '--silent', '--pack-destination', scratch])
  await run('tar', ['-xzf', join(scratch, stdout.trim()), '-C', scratch])
  return join(scratch, 'package')
}

async function importRoot(
  docker: Docker,
  root: string,
  version: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const [repo, tag] = AGENT_IMAGE.split(':')
  const changes = [
    `LABEL ${VERSION_LABEL}=${version}`,
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8',
    'USER 1000:1000',
    'WORKDIR /workspace',
    'CMD ["sh"]',
  ]
  const tar = spawn('tar', ['-C', root, '--numeric-owner', '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stream = await docker.importImage(tar.stdout, { repo, tag, changes })
  await followProgress(stream, 'import the agent image', REMEDY, onProgress)
}

async function buildDockerfile(
  docker: Docker,
  version: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const tar = packContext(await readContext(DOCKERFILE_FOLDER))
  const labels = { [VERSION_LABEL]: version }
  const stream = await docker.buildImage(tar, { t: AGENT_IMAGE, forcerm: true, labels })
  await followProgress(stream, 'build the agent image', REMEDY, onProgress)
}

/** Runs a program, hands on its lines, and fails with the last of them. */
function lines(command: string, args: readonly string[], onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let last = ''
    const take = (chunk: Buffer): void => {
      for (const line of chunk.toString().split('\n')) {
        if (line.trim() === '') continue
        last = line.trim()
        onLine(last)
      }
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', () =>
      reject(new Error(`${command} is not installed (\`apt-get install ${command}\`).`)),
    )
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} failed: ${last}.`))
    })
  })
}
