import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attemptId, projectId, runId, taskId } from '../domain/ids.ts'
import { oneLine, withTrailers } from './commits.ts'
import { attemptOfFolder, attemptPaths, refPart } from './layout.ts'
import { followLink } from './links.ts'
import { isGitFolder, isGitModules, pathProblem, printable } from './names.ts'
import { compileWrites } from './patterns.ts'

describe('links are followed on paper', () => {
  const cases: readonly [target: string, verdict: string, others?: Record<string, string>][] = [
    ['x', 'inside'],
    ['../x', 'inside'],
    ['../../x', 'outside'],
    ['../b/../../x', 'outside'],
    ['/etc', 'outside'],
    ['C:\\x', 'outside'],
    ['\\\\host\\share', 'outside'],
    ['../.git/config', 'outside'],
    ['../sub/.GIT', 'outside'],
    ['', 'inside'],
    ['../up/../x', 'outside', { up: 'd/e', 'd/e': '..' }],
    ['../d/e/../x', 'outside', { 'd/e': '..' }],
    ['../d/e/x', 'inside', { 'd/e': '..' }],
    ['../loop', 'inside', { loop: 'loop' }],
    ['link', 'inside'],
  ]
  test.each(cases)('a/link -> %s is %s', (target, verdict, others = {}) => {
    expect(followLink('a/link', new Map(Object.entries({ ...others, 'a/link': target })))).toBe(verdict)
  })
})

describe('names', () => {
  test.each([
    '.git',
    '.GIT',
    '.git.',
    '.git ',
    'git~1',
    'GIT~1',
    '.g\u200cit',
    '.git::$INDEX_ALLOCATION',
    '.git:x',
  ])('%j is a git folder', (name) => expect(isGitFolder(name)).toBe(true))
  test.each(['.gitignore', 'git', '.gitx', 'a.git', 'git~10'])('%j is not', (name) => {
    expect(isGitFolder(name)).toBe(false)
  })
  test.each(['.gitmodules', '.GITMODULES', 'gitmod~1', 'GI7EBA~1', '.gitmodules '])(
    '%j is .gitmodules',
    (name) => {
      expect(isGitModules(name)).toBe(true)
    },
  )
  test.each([
    'CON',
    'con.txt',
    'aux',
    'LPT9.x.y',
    'a/nul',
    'x.',
    'y ',
    'a\\b',
    'a:b',
    'a\u0001',
    'a/../b',
    'a//b',
    '',
  ])('%j is refused', (name) => expect(pathProblem(name)).toBeDefined())
  test.each(['console', 'é 字', '-rf', '*', 'com', 'com10', '.env', 'a b/c', '"q"', '#x'])(
    '%j is taken',
    (name) => {
      expect(pathProblem(name)).toBeUndefined()
    },
  )
  test('what people see cannot forge lines', () => expect(printable('a\nb\u202ec')).toBe('a\\x0ab\\x202ec'))
})

describe('writes', () => {
  const cases: readonly [pattern: string, path: string, matches: boolean][] = [
    ['**', '.hidden/x', true],
    ['src/*', 'src/a/b', false],
    ['src/', 'src/a/b', true],
    ['./src/**', 'src/a', true],
    ['/src/**', 'src/a', true],
    ['!src/**', 'other', false],
    ['**/*.ts', 'a.ts', true],
    ['{a,b}/c', 'b/c', true],
    ['a\\*b', 'a*b', true],
    ['**', 'a\nb', true],
  ]
  test.each(cases)('%s on %j: %s', (pattern, path, matches) => {
    expect(compileWrites([pattern]).matches(path)).toBe(matches)
  })

  test('takes out again what stands behind a !', () => {
    const writes = compileWrites(['src/**', '!src/hops.py', '!src/[a].ts', '!src/gen/**', '*.log', '!b.log'])
    const paths = ['src/malt.py', 'src/hops.py', 'src/[a].ts', 'src/a.ts', 'src/gen/x/y.ts', 'a.log', 'b.log']
    expect(paths.filter((path) => writes.matches(path))).toEqual(['src/malt.py', 'a.log'])
    expect([writes.names('src/hops.py'), writes.names('src/malt.py')]).toEqual([false, true])
  })

  test('a folder is passed by only if nothing below it could match', () => {
    const segment = fc.constantFrom('a', 'b', '*', '**', '{a,b}', 'a*', '[ab]')
    const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
    const path = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(pattern, path, (glob, parts) => {
        const writes = compileWrites([glob])
        if (!writes.matches(parts.join('/'))) return
        for (let n = 1; n < parts.length; n += 1)
          expect(writes.mayMatchBelow(parts.slice(0, n).join('/'))).toBe(true)
      }),
    )
  })
})

describe('refs and folders', () => {
  test.each([
    ['a', 'a'],
    ['a.b', 'a.b'],
    ['a..b', 'a%2E.b'],
    ['a.', 'a%2E'],
    ['x.lock', 'x%2Elock'],
  ])('%s', (name, ref) => {
    expect(refPart(name)).toBe(ref)
  })
  test('an attempt is found again by its folder', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,20}$/)
    fc.assert(
      fc.property(name, fc.nat(), (task, n) => {
        const attempt = attemptId(runId('r'), taskId(task), n)
        const run = { project: projectId('p'), run: runId('r'), root: '/' }
        const folder = attemptPaths('/data', run, attempt).folder.split('/').at(-1)!
        expect(attemptOfFolder(runId('r'), folder)).toBe(attempt)
      }),
    )
  })
})

describe('messages', () => {
  test('one line stays one line', () => expect(oneLine('a\r\n\tb\u2028c  d', 6)).toBe('a b c…'))
  test('trailers are added once, in one block', () => {
    const once = withTrailers('feat: x\n\nTask: t', { Task: 't', Run: 'r' })
    expect(once).toBe('feat: x\n\nTask: t\nRun: r\n')
    expect(withTrailers(once, { Task: 't', Run: 'r' })).toBe(once)
    expect(withTrailers('feat: x', { Task: 't' })).toBe('feat: x\n\nTask: t\n')
  })
})
