import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { PACKAGE, RESOLVED_BEFORE, TOOLS } from './pins.ts'
import { DOCKERFILE, EPIC, IMAGE_FOLDER, PROJECT_FILE } from './projectFile.ts'

const execute = promisify(execFile)

/** No download may hold up a test for longer, ms. */
const PATIENCE = 5 * 60_000

export interface PublicPackage {
  /** A git repository with one commit: the package as published, and a project file. */
  readonly root: string
  /** The epic with the tasks `lint`, `test` and `build`. */
  readonly epic: string
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/**
 * Fetches the pinned package into `dir` (made if need be) and prepares it to be run: about half a minute, most of
 * it npm. Needs the npm registry, `npm`, `git` and `tar`; the runs themselves need no network, because the tools
 * are put into the image. Throws when the tarball is not the pinned one.
 */
export async function preparePublicPackage(dir: string): Promise<PublicPackage> {
  const root = join(resolve(dir), PACKAGE.name)
  await mkdir(root, { recursive: true })
  await unpack(await download(dir), root)
  await prepareImage(dir, root)
  await writeFile(join(root, 'amphitheatre.yaml'), PROJECT_FILE)
  await makeRepository(root)
  return { root, epic: EPIC }
}

/** Resolves to the tarball's path, once its hash is the pinned one. */
async function download(dir: string): Promise<string> {
  const spec = `${PACKAGE.name}@${PACKAGE.version}`
  const { stdout } = await run('npm', ['pack', spec, '--silent', '--pack-destination', dir], dir)
  const tarball = join(dir, stdout.trim())
  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')}`
  if (integrity !== PACKAGE.integrity)
    throw new Error(`${spec} is not the pinned tarball (${integrity}): compare it before changing pins.ts`)
  return tarball
}

async function unpack(tarball: string, root: string): Promise<void> {
  await run('tar', ['-xzf', tarball, '-C', root, '--strip-components=1'], root)
  await rm(tarball)
}

/** Installs the tools beside the repository, without running a script of theirs, and packs them for the image. */
async function prepareImage(dir: string, root: string): Promise<void> {
  const tools = join(dir, 'tools')
  const image = join(root, IMAGE_FOLDER)
  await mkdir(tools, { recursive: true })
  await mkdir(image, { recursive: true })
  const { dependencies, devDependencies } = await readManifest(root)
  const wanted = Object.fromEntries(TOOLS.map((name) => [name, devDependencies[name]]))
  const manifest = { private: true, dependencies: { ...dependencies, ...wanted } }
  await writeFile(join(tools, 'package.json'), JSON.stringify(manifest))
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps']
  await run('npm', ['install', '--prefix', tools, '--before', RESOLVED_BEFORE, ...quiet], tools)
  // The same tools give the same bytes, so an image that was built before is found again.
  const plain = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
  const packed = join(image, 'tools.tar.gz')
  await run('tar', ['-C', tools, ...plain, '-I', 'gzip -n', '-cf', packed, 'node_modules'], tools)
  await rm(tools, { recursive: true })
  await writeFile(join(image, 'Dockerfile'), DOCKERFILE)
}

async function readManifest(root: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
}

async function makeRepository(root: string): Promise<void> {
  const git = async (...args: string[]): Promise<unknown> => await run('git', args, root)
  await git('init', '--quiet', '--initial-branch=main')
  await appendFile(join(root, '.git', 'info', 'exclude'), `/${IMAGE_FOLDER}/\n`)
  await git('config', 'user.name', 'Reader')
  await git('config', 'user.email', 'reader@example.com')
  await git('add', '--all')
  await git('commit', '--quiet', '--no-verify', '-m', `${PACKAGE.name} ${PACKAGE.version} as published`)
}

/** Under `npm test` the environment names this project as the one to install into; that must not be passed on. */
async function run(command: string, args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  const { npm_config_local_prefix: _, ...env } = process.env
  return await execute(command, [...args], { cwd, env, timeout: PATIENCE, maxBuffer: 16 * 1024 * 1024 })
}
