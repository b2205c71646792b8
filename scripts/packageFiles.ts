import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, sep } from 'node:path'
import picomatch from 'picomatch'
import { parse } from 'yaml'

/** One file of the package. */
export interface PackageFile {
  /** Relative to the project, `/` between folders. */
  readonly path: string
  readonly bytes: number
  /** Lies beside the archive, not in it. */
  readonly unpacked: boolean
}

interface Configuration {
  readonly files: readonly string[]
  readonly asarUnpack: readonly string[]
}

/**
 * The files that electron-builder puts into a package for a system, by the rules of `electron-builder.yml`: the
 * project's own by the patterns, packages by what production needs, less what the patterns take away.
 */
export function packageFiles(root: string, platform: string, arch: string): readonly PackageFile[] {
  const { files, asarUnpack } = readConfiguration(root, platform, arch)
  const isWanted = lastWins(files)
  const isUnpacked = lastWins(asarUnpack)
  const own = ['out', 'resources', 'package.json'].flatMap((name) => walk(root, join(root, name)))
  const packages = productionPackages(root).flatMap((folder) => walk(root, folder))
  // Packages are in unless taken out; the project's own files are out unless put in.
  const wanted = [
    ...own.filter((path) => isWanted(path, false)),
    ...packages.filter((path) => isWanted(path, true)),
  ]
  return wanted.map((path) => ({
    path,
    bytes: statSync(join(root, path)).size,
    unpacked: isUnpacked(path, false),
  }))
}

export function readConfiguration(root: string, platform: string, arch: string): Configuration {
  const text = readFileSync(join(root, 'electron-builder.yml'), 'utf8')
  const filled = text.replaceAll('${platform}', platform).replaceAll('${arch}', arch)
  return parse(filled) as Configuration
}

/** As electron-builder reads a list: the last pattern that says something about a file is the one that counts. */
function lastWins(patterns: readonly string[]): (path: string, otherwise: boolean) => boolean {
  const rules = patterns.map((pattern) => {
    const negated = pattern.startsWith('!')
    return { negated, matches: picomatch(negated ? pattern.slice(1) : pattern, { dot: true }) }
  })
  return (path, otherwise) => {
    const rule = rules.findLast(({ matches }) => matches(path))
    return rule === undefined ? otherwise : !rule.negated
  }
}

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * Folders of the packages that production needs, with what those need; optional ones that are not there are left.
 * `only` narrows the project's own to those names.
 */
export function productionPackages(root: string, only?: readonly string[]): readonly string[] {
  const found = new Set<string>()
  const visit = (from: string): void => {
    const { dependencies, optionalDependencies } = manifestOf(from)
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (from === root && only?.includes(name) === false) continue
      const folder = findPackage(root, from, name)
      if (folder === undefined || found.has(folder)) continue
      found.add(folder)
      visit(folder)
    }
  }
  visit(root)
  return [...found].sort()
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** As Node looks for it: in the nearest `node_modules` up to the project's. */
function findPackage(root: string, from: string, name: string): string | undefined {
  for (let folder = from; folder.length >= root.length; folder = join(folder, '..')) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
  }
  return undefined
}

/** Nested `node_modules` are other packages. */
function walk(root: string, at: string): readonly string[] {
  if (!statSync(at).isDirectory()) return [relative(root, at).split(sep).join('/')]
  return readdirSync(at, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .flatMap((entry) => {
      const path = join(at, entry.name)
      return entry.isDirectory() || entry.isFile() ? walk(root, path) : []
    })
}

/** Packages that bundles import by name, Node's own and Electron left out. */
export function importedPackages(code: string): readonly string[] {
  const statements = code.matchAll(/^\s*(?:import|export)\b[^'"`;]*["']([^"'\n]+)["'];?$/gm)
  const calls = code.matchAll(/\bimport\(["']([^"'\n]+)["']\)/g)
  const names = [...statements, ...calls].map((match) => match[1]!)
  const isOurs = (name: string): boolean =>
    name.startsWith('.') || name.startsWith('node:') || name === 'electron'
  return [...new Set(names.filter((name) => !isOurs(name)))]
}

/** Where Node finds a package from a file; throws as Node does. */
export function resolveFrom(file: string, name: string): string {
  return createRequire(file).resolve(name)
}
