import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { readContext } from './buildContext.ts'
import { connectDocker } from './client.ts'
import { resolveImage } from './images.ts'
import { ensureTestImage, TEST_IMAGE } from './testImage.ts'

let root: string
let docker: Docker
let close: () => void
let lines: string[]
const built: string[] = []

beforeAll(async () => {
  ;({ docker, close } = connectDocker())
  root = mkdtempSync(join(tmpdir(), 'amphitheatre-images-'))
  await ensureTestImage(docker)
}, 60_000)
beforeEach(() => {
  lines = []
})
afterAll(async () => {
  for (const tag of new Set(built)) await docker.getImage(tag).remove({ force: true })
  close()
  rmSync(root, { recursive: true, force: true })
})

function folder(name: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(root, name), { recursive: true })
  for (const [file, content] of Object.entries(files)) writeFileSync(join(root, name, file), content)
  return name
}

const resolve = (image: Parameters<typeof resolveImage>[1]) =>
  resolveImage(docker, image, root, (line) => lines.push(line))

it('takes a ready image as it is', async () => {
  expect(await resolve({ ref: TEST_IMAGE })).toBe(TEST_IMAGE)
  expect(await resolve({ ref: 'amphitheatre/test-busybox' })).toBe('amphitheatre/test-busybox')
  expect(lines).toEqual([])
})

it('builds a folder once for the same contents, showing its steps', async () => {
  const files = { Dockerfile: `FROM ${TEST_IMAGE}\nCOPY a.txt /\nRUN cat /a.txt\n`, 'a.txt': 'content-1' }
  const tag = await resolve({ build: folder('ok', files) })
  built.push(tag)
  expect(tag).toMatch(/^amphitheatre\/build:[0-9a-f]{32}$/)
  expect(lines).toContain('content-1')
  lines = []
  expect(await resolve({ build: 'ok' })).toBe(tag)
  expect(lines).toEqual([])
  writeFileSync(join(root, 'ok/a.txt'), 'content-2')
  const changed = await resolve({ build: './ok' })
  built.push(changed)
  expect(changed).not.toBe(tag)
}, 30_000)

it('says which step of a build failed and leaves no container', async () => {
  const build = folder('bad', { Dockerfile: `FROM ${TEST_IMAGE}\nRUN echo trying; exit 7\n` })
  await expect(resolve({ build })).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/build the image in bad.*code: 7/),
  })
  expect(lines).toContain('trying')
  expect(await buildContainers()).toEqual([])
}, 30_000)

it('refuses folders outside of the project, without a Dockerfile, or missing', async () => {
  symlinkSync('/etc', join(root, 'link'))
  folder('empty', {})
  for (const [build, words] of [
    ['..', /outside/],
    ['/etc', /does not exist|outside/],
    ['link', /outside/],
    ['empty', /no Dockerfile/],
    ['nowhere', /does not exist/],
  ] as const) {
    await expect(resolve({ build }), build).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(words),
    })
  }
})

it('says how to get an image that is not there, and never pulls the built-in one', async () => {
  const gone = {
    getImage: () => ({ inspect: () => Promise.reject(Object.assign(new Error(), { statusCode: 404 })) }),
  }
  const ask = resolveImage(gone as unknown as Docker, { ref: 'amphitheatre/agent' }, root, () => undefined)
  await expect(ask).rejects.toMatchObject({
    kind: 'refused',
    remedy: expect.stringContaining('npm run image'),
  })
  await expect(resolve({ ref: 'localhost:1/nothing:1' })).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('pull localhost:1/nothing:1'),
  })
})

it('sends what .dockerignore lets through, and hashes just that', async () => {
  const name = folder('ctx', {
    Dockerfile: 'x',
    '.dockerignore': '# c\n*.log\nsecret\n!keep.log\n',
    'a.log': '1',
    'keep.log': '2',
    b: '3',
  })
  mkdirSync(join(root, 'ctx/secret'), { recursive: true })
  writeFileSync(join(root, 'ctx/secret/key'), 'k')
  const first = await readContext(join(root, name))
  expect(first.files).toEqual(['.dockerignore', 'Dockerfile', 'b', 'keep.log'])
  writeFileSync(join(root, 'ctx/secret/key'), 'other')
  expect((await readContext(join(root, name))).hash).toBe(first.hash)
  writeFileSync(join(root, 'ctx/b'), '4')
  expect((await readContext(join(root, name))).hash).not.toBe(first.hash)
})

it('reads rules as Docker does, in a time that their stars do not multiply', async () => {
  const stars = `${'*a'.repeat(40)}b`
  const name = folder('rules', {
    Dockerfile: 'x',
    '.dockerignore': `/out/\n./tmp\n**/*.key\n?.md\n[x-z].txt\n{a,b}.js\n+(c).js\n!deep/**/kept.key\n${stars}\n`,
    'a.md': '',
    'ab.md': '',
    'y.txt': '',
    'w.txt': '',
    'a.js': '',
    'ccc.js': '',
    [`${'a'.repeat(200)}`]: '',
  })
  for (const [at, file] of [
    ['out/deeper', 'x'],
    ['tmp', 'x'],
    ['deep/er', 'lost.key'],
    ['deep/er', 'kept.key'],
    ['kept/out', 'x'],
  ] as const) {
    mkdirSync(join(root, name, at), { recursive: true })
    writeFileSync(join(root, name, at, file), '')
  }
  expect((await readContext(join(root, name))).files.toSorted()).toEqual(
    [
      ...['.dockerignore', 'Dockerfile', 'a'.repeat(200), 'a.js', 'ab.md', 'ccc.js'],
      ...['deep/er/kept.key', 'kept/out/x', 'w.txt'],
    ].toSorted(),
  )
  writeFileSync(join(root, name, '.dockerignore'), '*.a\n'.repeat(1_001))
  await expect(readContext(join(root, name))).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('1000 rules'),
  })
})

/** Containers of this build: other tests have agents and builds from the same image meanwhile. */
async function buildContainers(): Promise<readonly string[]> {
  const all = await docker.listContainers({ all: true, filters: { ancestor: [TEST_IMAGE] } })
  return all.filter(({ Command }) => Command.includes('echo trying')).map(({ Id }) => Id)
}
