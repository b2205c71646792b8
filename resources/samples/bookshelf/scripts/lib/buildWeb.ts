import { readFileSync, rmSync } from 'node:fs'
import { extname, join } from 'node:path'
import { filesBelow, sha256, writeText } from './files.ts'
import { root } from './project.ts'

export interface WebBuild {
  readonly files: readonly string[]
  readonly bytes: number
}

/** Builds the pages into a folder: assets are named by their content, pages point at them, blanks are gone. */
export function buildWeb(out: string): WebBuild {
  const source = join(root, 'web')
  const read = (path: string): string => readFileSync(join(source, path), 'utf8')
  const built = new Map<string, string>()
  const assets = new Map<string, string>()
  const [pages, others] = split(filesBelow(source), (path) => path.endsWith('.html'))
  for (const path of others) {
    const content = path.endsWith('.css') ? squeezeCss(read(path)) : read(path)
    assets.set(
      path,
      `assets/${path.slice(0, -extname(path).length)}.${sha256(content).slice(0, 8)}${extname(path)}`,
    )
    built.set(assets.get(path)!, content)
  }
  for (const path of pages) built.set(path, pointAtAssets(path, squeezeHtml(read(path)), assets))
  rmSync(out, { recursive: true, force: true })
  for (const [path, content] of built) writeText(join(out, path), content)
  const bytes = [...built.values()].reduce((total, content) => total + Buffer.byteLength(content), 0)
  return { files: [...built.keys()], bytes }
}

function pointAtAssets(page: string, text: string, assets: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{\{asset:([^}]+)\}\}/g, (_, name: string) => {
    const asset = assets.get(name)
    if (asset === undefined) throw new Error(`web/${page} points at ${name}, which is not in web/`)
    return `/${asset}`
  })
}

function squeezeHtml(text: string): string {
  return `${text.replaceAll(/>\s+</g, '> <').replaceAll(/\n\s*/g, '\n').trim()}\n`
}

function squeezeCss(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};]) ?/g, '$1')
    .replaceAll(/(?<=[{;][\w-]+): /g, ':')
    .trim()
}

function split<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}
