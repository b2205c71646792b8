import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** The table that decides who may import what. */
export const LAYERS_PAGE = 'docs/architecture.md'

export interface Layer {
  /** Folder or file, from the root of the repository. */
  readonly path: string
  /** Folders and files it may import besides itself; null for everything. */
  readonly may: readonly string[] | null
  /** Those of which it may import types. */
  readonly types: readonly string[]
  /** Packages it may import; null for all but `electron`, which has to be named. */
  readonly packages: readonly string[] | null
  readonly electron: boolean
  /** False for what runs in pages, where there is none of `node:`. */
  readonly node: boolean
}

/** Words of the table that are not the name of a folder below `main`. */
const NAMES: Readonly<Record<string, string>> = {
  'engine ports': 'main/engine/ports',
  contract: 'preload',
  machine: 'main/machine.ts',
  hosting: 'main/hosting.ts',
  headless: 'main/headless.ts',
}

const TYPES = 'types of '
const NO_NODE = 'no node'

/** The table of `LAYERS_PAGE`: a row for each folder, `may import` in words that are folders or packages. */
export function readLayers(page: string, isFolder: (path: string) => boolean): readonly Layer[] {
  const pathOf = (word: string): string => NAMES[word] ?? (isFolder(`main/${word}`) ? `main/${word}` : word)
  const lines = page.split('\n')
  const rows = lines.slice(lines.indexOf('| folder | what | may import |') + 2)
  const end = rows.findIndex((row) => !row.startsWith('|'))
  return rows.slice(0, end).flatMap((row) => {
    const [, folders = '', , may = ''] = row.split('|').map((cell) => cell.trim())
    const words = may.split(', ').filter((word) => word !== '')
    const named = words.filter((word) => !['everything', 'nothing', 'electron', NO_NODE].includes(word))
    const typed = named.filter((word) => word.startsWith(TYPES))
    const paths = named.filter((word) => !typed.includes(word)).map(pathOf)
    const packages = paths.filter((path) => !path.includes('/') && !isFolder(path))
    const rule = {
      may: words.includes('everything') ? null : paths.filter((path) => !packages.includes(path)),
      types: typed.map((word) => pathOf(word.slice(TYPES.length))),
      packages: packages.length === 0 ? null : packages,
      electron: words.includes('electron'),
      node: !words.includes(NO_NODE),
    }
    return [...folders.matchAll(/`([^`]+)`/g)].map(([, path]) => ({ path: path!, ...rule }))
  })
}

/** Tests may reach for whatever stands in for the rest. */
export const isTest = (file: string): boolean => /\.test\.tsx?$|\/testing\//.test(file)

const IMPORT =
  /^\s*(?:import|export)\s(type\s)?(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

function importsOf(text: string): readonly { readonly name: string; readonly isType: boolean }[] {
  return [...text.matchAll(IMPORT)].map(([, type, fixed, late]) => ({
    name: (fixed ?? late)!,
    isType: type !== undefined,
  }))
}

/** What a file imports against the table, in words. */
export function wrongImports(file: string, text: string, layers: readonly Layer[]): readonly string[] {
  const own = layerOf(file, layers)
  if (own === undefined) return [`${file}: ${LAYERS_PAGE} has no row for it`]
  return importsOf(text).flatMap(({ name, isType }) => {
    const to = posix.join(dirname(file), name)
    const reason = name.startsWith('.') ? refuseFile(own, to, isType) : refusePackage(own, name)
    return reason === undefined ? [] : [`${file} imports ${name}: ${reason}`]
  })
}

const isIn = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`)

function layerOf(file: string, layers: readonly Layer[]): Layer | undefined {
  return layers.find(({ path }) => isIn(file, path))
}

function refuseFile(own: Layer, to: string, isType: boolean): string | undefined {
  if (own.may === null || isIn(to, own.path)) return undefined
  if ([...own.may, ...(isType ? own.types : [])].some((path) => isIn(to, path))) return undefined
  return `${own.path} may import ${own.may.join(', ') || 'nothing of ours'} only; see ${LAYERS_PAGE}`
}

function refusePackage(own: Layer, name: string): string | undefined {
  if (name === 'electron') return own.electron ? undefined : `${own.path} must run without electron`
  if (!own.node && name.startsWith('node:')) return `${own.path} runs in pages, without Node`
  if (own.packages === null || own.packages.includes(name)) return undefined
  return `${own.path} may import ${own.packages.join(' and ')} only; see ${LAYERS_PAGE}`
}

/** Whatever is wrong in the files named, which lie below `root`. */
export function checkLayers(root: string, files: readonly string[]): readonly string[] {
  const page = readFileSync(join(root, LAYERS_PAGE), 'utf8')
  const layers = readLayers(page, (path) => existsSync(join(root, path)))
  return files
    .filter((file) => /\.tsx?$/.test(file) && file.includes('/') && !isTest(file))
    .flatMap((file) => wrongImports(file, readFileSync(join(root, file), 'utf8'), layers))
}
