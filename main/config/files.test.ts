import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatProblem } from './problems.ts'
import { loadProject } from './project.ts'
import { explainReadError } from './read.ts'
import { withTask } from './testing.ts'
import { validateFiles } from './validate.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function put(name: string, content: string | Uint8Array): string {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

/** Problems with the temporary folder cut off. */
function problems(path: string): readonly string[] {
  const result = loadProject(path, { env: {} })
  return result.ok ? [] : result.problems.map((problem) => formatProblem(problem).replace(`${folder}/`, ''))
}

describe('reading', () => {
  it('takes a file or the folder it is in', () => {
    const file = put('amphitheatre.yaml', 'version: 1\nname: web')
    expect(loadProject(file, { env: {} })).toMatchObject({ ok: true, project: { name: 'web' } })
    expect(loadProject(folder, { env: {} })).toMatchObject({ ok: true, project: { name: 'web' } })
  })

  it('says why it cannot', () => {
    expect(problems(join(folder, 'none.yaml'))).toEqual(['none.yaml: there is no such file'])
    mkdirSync(join(folder, 'empty'))
    expect(problems(join(folder, 'empty'))).toEqual([
      'empty: there is no amphitheatre.yaml in this folder; "amphi init" writes one',
    ])
    symlinkSync('loop', join(folder, 'loop'))
    expect(problems(join(folder, 'loop'))).toEqual([
      'loop: this is a symbolic link that leads back to itself',
    ])
    expect(problems('/dev/null')).toEqual(['/dev/null: this is not a regular file'])
  })

  it.each([
    ['EACCES', 'this file may not be read: check its permissions'],
    ['EPERM', 'this file may not be read: check its permissions'],
    ['EIO', 'this file cannot be read: broken'],
  ])('explains %s', (code, message) => {
    expect(explainReadError(Object.assign(new Error('broken'), { code }))).toBe(message)
  })

  it.each([
    ['UTF-16', Buffer.from('\uFEFFversion: 1', 'utf16le'), 'a: this file is UTF-16: save it as UTF-8'],
    ['Latin 1', Buffer.from([0x61, 0x3a, 0xe9]), 'a: this file is not UTF-8 text: save it as UTF-8'],
    [
      'binary',
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff]),
      'a: this file is not UTF-8 text: save it as UTF-8',
    ],
  ])('refuses %s', (_, bytes, expected) => {
    expect(problems(put('a', bytes))).toEqual([expected])
  })

  it('refuses 5 MB without reading it', () => {
    expect(problems(put('a', 'a: 1\n'.repeat(1_000_000)))).toEqual([
      'a: the file is 4.8 MiB; the most is 1 MiB. Split large lists with "count" or generate fewer tasks',
    ])
  })

  it('takes a byte order mark and CRLF', () => {
    expect(problems(put('a', '\uFEFFversion: 1\r\nrunner: auto\r\n'))).toEqual([])
    expect(problems(put('a', '\uFEFFversion: 1\r\nruner: auto\r\n'))).toEqual([
      'a:2:1: unknown key "runer" (did you mean "runner"?)',
    ])
  })
})

describe('paths on the disk', () => {
  it('finds links that lead out of the repository', () => {
    symlinkSync('/', join(folder, 'out'))
    mkdirSync(join(folder, 'in'))
    symlinkSync('in', join(folder, 'inner'))
    const text = withTask('reads: [out/etc/*, inner/*, later/**], writes: [in/x], image: {build: out}')
    expect(problems(put('a', text))).toEqual([
      'a:8:57: "out/etc/*" leaves the repository through the symbolic link "out"',
      'a:8:119: "out" leaves the repository through the symbolic link "out"',
    ])
  })

  it('finds images without a folder or a Dockerfile', () => {
    mkdirSync(join(folder, 'bare'))
    mkdirSync(join(folder, 'good'))
    writeFileSync(join(folder, 'good/Dockerfile'), 'FROM scratch')
    const agents = '[{name: A, role: x, image: {build: good}}, {name: B, role: x, image: {build: bare}}]'
    expect(problems(put('a', `version: 1\nimage: {build: none}\nagents: ${agents}`))).toEqual([
      'a:2:16: there is no folder "none" in the repository',
      'a:3:86: there is no Dockerfile in the folder "bare"',
    ])
  })

  it('lets a deployment build of what another task of its run makes, and nobody else', () => {
    const text = (kind: string): string =>
      withTask(
        `writes: [dist/**]}\n          - {id: ship, agent: TestGuardian, kind: ${kind}, target: shop, run: x, image: {build: ./dist}`,
      )
    const missing = 'there is no folder "./dist" in the repository'
    expect(problems(put('a', text('deploy'))).join()).not.toContain(missing)
    expect(problems(put('a', text('work'))).join()).toContain(missing)
  })
})

describe('validateFiles', () => {
  it('reports each file', () => {
    const files = [
      put('p', 'version: 1'),
      put('r', 'rules: [NO haste]'),
      put('u', 'services: {}'),
      join(folder, 'none'),
    ]
    expect(
      validateFiles(files, { env: {} }).map(({ kind, summary, problems: found }) => [
        kind,
        summary,
        found.length,
      ]),
    ).toEqual([
      ['project', 'a project: 0 epics, 0 tasks, 0 agents', 0],
      ['rules', 'rules', 0],
      [null, '', 1],
      [null, '', 1],
    ])
  })
})
