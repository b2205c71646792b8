import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Folders of built pages, made once a run of the benchmarks. */
export interface BuiltPages {
  /** `index.html`, by the product's own configuration. */
  readonly product: string
  /** Those of `bench/page`. */
  readonly bench: string
}

let built: Promise<BuiltPages> | undefined

/** Builds into a temporary folder that goes with this process. */
export function builtPages(progress: (line: string) => void): Promise<BuiltPages> {
  built ??= buildAll(progress)
  return built
}

async function buildAll(progress: (line: string) => void): Promise<BuiltPages> {
  progress('building the pages')
  process.env['NODE_ENV'] = 'production'
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-pages-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const { resolveConfig } = await import('electron-vite')
  const { build } = await import('vite')
  const { config } = await resolveConfig({}, 'build', 'production')
  const renderer = config!.renderer!
  const [product, bench] = [join(folder, 'product'), join(folder, 'bench')]
  await build({
    ...renderer,
    configFile: false,
    logLevel: 'error',
    build: { ...renderer.build, outDir: product, emptyOutDir: true },
  })
  const { default: react } = await import('@vitejs/plugin-react')
  const root = join(ROOT, 'bench/page')
  const input = ['replay.html', 'xterm.html'].map((page) => join(root, page))
  await build({
    root,
    configFile: false,
    plugins: [react()],
    logLevel: 'error',
    build: { outDir: bench, emptyOutDir: true, target: 'esnext', rolldownOptions: { input } },
  })
  return { product, bench }
}
