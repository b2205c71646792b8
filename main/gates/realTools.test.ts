import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Measurement } from '../domain/gates/gate.ts'
import { coverage, findings, junit, measure, sha256 } from './testing/memory.ts'

/** The real tools write their real reports, here and now. */
const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const require = createRequire(import.meta.url)
const MINUTES = 120_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphi-tools-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** A tool that finds something wrong ends with another exit code than 0: its report is what counts. */
async function tool(program: string, args: readonly string[], cwd = folder): Promise<void> {
  const env = { PATH: process.env['PATH'], HOME: folder, NODE_ENV: 'test' }
  await run(program, [...args], { cwd, env }).catch((error: { code?: unknown; stderr?: string }) => {
    if (typeof error.code !== 'number') throw new Error(`${program}: ${error.stderr ?? String(error)}`)
  })
}

const found = async (path: string, condition: Parameters<typeof measure>[1]): Promise<Measurement> => {
  const content = readFileSync(join(folder, path))
  const { found: what, reports } = await measure({ [path]: content }, condition)
  expect(reports).toEqual([{ path, hash: sha256(content), bytes: content.length }])
  return what
}

describe('Vitest', () => {
  beforeAll(async () => {
    write({
      'js/package.json': '{"type": "module"}',
      'js/sum.js':
        'export function sum(a, b) {\n  if (a > 100) {\n    return -1\n  }\n  return a + b\n}\nexport function unused() {\n  return 1\n}\n',
      'js/sum.test.js': `import { expect, test, describe } from 'vitest'
import { sum } from './sum.js'
describe('adding', () => {
  test('two', () => expect(sum(1, 1)).toBe(2))
  test('is <wrong> & "odd"', () => expect(sum(1, 1)).toBe(3))
  test.skip('later', () => undefined)
})
`,
    })
    const args = [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--root', join(folder, 'js'), '--reporter=junit', '--outputFile=junit.xml'],
      ...['--coverage.enabled', '--coverage.provider=v8', '--coverage.reportOnFailure'],
      ...['--coverage.reporter=lcovonly', '--coverage.reporter=cobertura', '--coverage.include=sum.js'],
    ]
    // Its coverage is found from where it stands.
    await tool(process.execPath, args, ROOT)
  }, MINUTES)

  test('JUnit', async () => {
    expect(await found('js/junit.xml', junit())).toEqual({
      kind: 'junit',
      passed: 1,
      failed: 1,
      skipped: 1,
      names: [expect.stringContaining('is <wrong> & "odd"')],
    })
  })

  test('LCOV and Cobertura say the same of lines', async () => {
    const lcov = await found('js/coverage/lcov.info', coverage('lcov'))
    const cobertura = await found('js/coverage/cobertura-coverage.xml', coverage('cobertura'))
    expect(lcov).toMatchObject({ kind: 'coverage', functions: { covered: 1, total: 2 } })
    const lines = (what: Measurement) => (what.kind === 'coverage' ? what.lines! : { covered: 0, total: 0 })
    expect(lines(lcov).total).toBeGreaterThan(2)
    expect(lines(lcov).covered).toBeLessThan(lines(lcov).total)
    expect(lines(cobertura)).toEqual(lines(lcov))
  })
})

describe('ESLint', () => {
  test(
    'SARIF',
    async () => {
      write({
        'lint/eslint.json':
          '{"root": true, "parserOptions": {"ecmaVersion": 2022}, "rules": {"no-undef": "error", "eqeqeq": "warn"}}',
        'lint/a.js': 'var a = missing == 1\n// eslint-disable-next-line no-undef\nvar b = other === 2\n',
      })
      const eslint = join(dirname(require.resolve('eslint/package.json')), 'bin/eslint.js')
      await tool(process.execPath, [
        eslint,
        ...[
          '--no-eslintrc',
          '-c',
          'lint/eslint.json',
          '-f',
          require.resolve('@microsoft/eslint-formatter-sarif'),
        ],
        ...['-o', 'lint/eslint.sarif', 'lint/a.js'],
      ])
      expect(await found('lint/eslint.sarif', findings('sarif'))).toEqual({
        kind: 'findings',
        counts: { low: 0, medium: 1, high: 1, critical: 0 },
        suppressed: expect.any(Number),
        first: [
          { severity: 'high', text: expect.stringMatching(/^no-undef .*a\.js:1: 'missing' is not defined/) },
          { severity: 'medium', text: expect.stringContaining('eqeqeq') },
        ],
      })
    },
    MINUTES,
  )
})

/** Debian's own Python has Debian's Pytest; another one earlier on the path has not. */
const PYTHON = ['/usr/bin/python3', 'python3'].find(
  (python) => spawnSync(python, ['-c', 'import pytest, pytest_cov']).status === 0,
)

describe.skipIf(PYTHON === undefined)('Pytest (needs python3-pytest and python3-pytest-cov)', () => {
  beforeAll(async () => {
    write({
      'py/sums.py': 'def add(a, b):\n    if a > 100:\n        return -1\n    return a + b\n',
      'py/test_sums.py': `import pytest
from sums import add
def test_two():
    assert add(1, 1) == 2
def test_wrong():
    assert add(1, 1) == 3
@pytest.mark.skip
def test_later():
    pass
@pytest.fixture
def broken():
    raise ValueError("no")
def test_error(broken):
    pass
`,
    })
    await tool(
      PYTHON!,
      [
        ...[
          '-m',
          'pytest',
          '-q',
          '-p',
          'no:cacheprovider',
          '--junitxml=junit.xml',
          '--cov=sums',
          '--cov-branch',
        ],
        ...['--cov-report=xml:coverage.xml', '--cov-report=lcov:coverage.lcov'],
      ],
      join(folder, 'py'),
    )
  }, MINUTES)

  test('JUnit', async () => {
    expect(await found('py/junit.xml', junit())).toMatchObject({
      passed: 1,
      failed: 2,
      skipped: 1,
      names: [expect.stringContaining('test_wrong'), expect.stringContaining('test_error')],
    })
  })

  test('Cobertura, lines and branches', async () => {
    expect(await found('py/coverage.xml', coverage('cobertura'))).toEqual({
      kind: 'coverage',
      lines: { covered: 3, total: 4 },
      branches: { covered: 1, total: 2 },
      functions: null,
    })
  })

  test('LCOV', async () => {
    expect(await found('py/coverage.lcov', coverage('lcov'))).toMatchObject({
      lines: { covered: 3, total: 4 },
      branches: { covered: 1, total: 2 },
    })
  })
})
