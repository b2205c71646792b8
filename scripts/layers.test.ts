import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLayers, LAYERS_PAGE, readLayers, wrongImports } from './layers.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, LAYERS_PAGE), 'utf8')
const layers = readLayers(page, (path) => existsSync(join(root, path)))
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))

describe('the architecture page is true to the tree', () => {
  it('every folder with code has a row, every row a folder or file', () => {
    const folders = new Set(tracked.filter((file) => /\.tsx?$/.test(file)).map(placeOf))
    folders.delete(undefined)
    expect(layers.map(({ path }) => path).toSorted()).toEqual([...folders].toSorted())
  })

  it('every path it names is there', () => {
    const named = [...page.matchAll(/`((?:main|renderer|preload|simulator|e2e|bench|scripts)\/[\w/.-]+)`/g)]
    expect(named.length).toBeGreaterThan(40)
    expect(named.map(([, path]) => path!).filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('what may be imported are folders, files and packages that are there', () => {
    const may = layers.flatMap((layer) => [...(layer.may ?? []), ...layer.types])
    expect(may.filter((path) => !existsSync(join(root, path)))).toEqual([])
    const packages = layers.flatMap((layer) => layer.packages ?? [])
    expect(packages.filter((name) => !readdirSync(join(root, 'node_modules')).includes(name))).toEqual([])
  })
})

it('nothing imports against it', () => {
  expect(checkLayers(root, tracked)).toEqual([])
})

it.each([
  ['main/domain/a.ts', "import { x } from '../engine/engine.ts'", true],
  ['main/domain/locks/a.ts', "import type { x } from '../../points/tools.ts'", true],
  ['main/domain/locks/a.ts', "import { x } from '../points/point.ts'", false],
  ['main/domain/a.ts', "import { join } from 'node:path'", true],
  ['main/domain/a.ts', "import { z } from 'zod'", false],
  ['main/engine/effects/a.ts', "export { x } from '../../targets/step.ts'", true],
  ['main/engine/a.ts', "const x = await import('../desk/desk.ts')", true],
  ['main/engine/a.ts', "import {\n  x,\n  y,\n} from '../gates/gateReader.ts'", true],
  ['main/points/a.ts', "import type { x } from '../engine/engine.ts'", true],
  ['main/points/a.ts', "import type { x } from '../engine/ports/runner.ts'", false],
  ['main/targets/docker/a.ts', "import { x } from '../../points/tools.ts'", true],
  ['main/gates/a.ts', "import { x } from '../workspaces/git.ts'", true],
  ['main/desk/a.ts', "import { x } from '../store/sqliteStore.ts'", true],
  ['preload/a.ts', "import type { x } from '../main/engine/vitals.ts'", false],
  ['preload/a.ts', "import { x } from '../main/engine/vitals.ts'", true],
  ['renderer/src/a.ts', "import { x } from '../../main/api/localClient.ts'", true],
  ['main/api/a.ts', "import { app } from 'electron'", true],
  ['main/notices/a.ts', "import { x } from '../../preload/contract.ts'", false],
  ['main/notices/a.ts', "import { join } from 'node:path'", true],
  ['main/new/a.ts', '', true],
])('%s: %s', (file, text, refused) => {
  expect(wrongImports(file, text, layers).length > 0).toBe(refused)
})

/** What the table has a row for: a folder below `main`, a file in it, or a folder beside it; no settings of tools. */
function placeOf(file: string): string | undefined {
  const [top, next] = file.split('/')
  if (next === undefined || /^main\/[^/]*\.test\.ts$/.test(file)) return undefined
  return top === 'main' ? `${top}/${next}` : top
}
