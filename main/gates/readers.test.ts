import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { judge } from '../domain/gates/judge.ts'
import { commitId, projectId, runId } from '../domain/ids.ts'
import { createGateReader } from './gateReader.ts'
import { coverage, findings, junit, measure } from './testing/memory.ts'

type Condition = Parameters<typeof measure>[1]
const found = async (text: string | Uint8Array, condition: Condition) =>
  (await measure({ 'r.xml': text }, condition)).found

const suites = (inner: string, attributes = ''): string =>
  `<?xml version="1.0"?><testsuites><testsuite name="s"${attributes}>${inner}</testsuite></testsuites>`
const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>
<testsuites><testsuite><testcase name="&c;"/></testsuite></testsuites>`
const external = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuites><testsuite><testcase name="&f;"/></testsuite></testsuites>`

describe('JUnit', () => {
  test.each([
    [
      'cases',
      suites('<testcase name="a"/><testcase name="b"><failure/></testcase>'),
      { passed: 1, failed: 1 },
    ],
    [
      'an error',
      suites('<testcase name="a"><error message="x">y</error></testcase>'),
      { passed: 0, failed: 1 },
    ],
    ['skipped', suites('<testcase name="a"><skipped/></testcase>'), { passed: 0, skipped: 1 }],
    ['suites in suites', suites('<testsuite><testcase name="a"/></testsuite>'), { passed: 1, failed: 0 }],
    ['no outer element', '<testsuite><testcase name="a"/></testsuite>', { passed: 1 }],
    [
      'output that looks like XML',
      suites('<testcase name="a"><system-out><![CDATA[<failure/>]]></system-out></testcase>'),
      { passed: 1, failed: 0 },
    ],
    [
      'a failure only its suite tells of',
      suites('<testcase name="a"/>', ' tests="2" failures="1"'),
      { passed: 1, failed: 1 },
    ],
    [
      'a suite that failed by itself',
      suites('<testcase name="a"/><error>x</error>'),
      { passed: 1, failed: 1 },
    ],
    [
      'what is told twice',
      suites('<testcase name="a"><failure/></testcase>', ' tests="1" failures="1"'),
      { passed: 0, failed: 1 },
    ],
    ['empty', suites(''), { passed: 0, failed: 0 }],
  ])('%s', async (_, text, expected) => {
    expect(await found(text, junit())).toMatchObject({ kind: 'junit', ...expected })
  })

  it('joins several reports', async () => {
    const one = suites('<testcase name="a"/>')
    const { found: what, reports } = await measure({ 'a.xml': one, 'b/c.xml': one, 'd.txt': 'x' }, junit())
    expect(what).toMatchObject({ passed: 2 })
    expect(reports.map(({ path }) => path)).toEqual(['a.xml', 'b/c.xml'])
  })
})

describe('what cannot be read never passes', () => {
  const latin1 = Buffer.concat([
    Buffer.from('<testsuites><testcase name="'),
    Buffer.from([0xe4]),
    Buffer.from('"/></testsuites>'),
  ])
  const deep = `${'<testsuite>'.repeat(100)}${'</testsuite>'.repeat(100)}`
  test.each<[string, string | Uint8Array, Condition, RegExp]>([
    ['entities that grow', bomb, junit(), /not XML: .*undefined entity/i],
    ['entities that name files', external, junit(), /not XML: .*undefined entity/i],
    ['cut off', suites('<testcase name="a"/>').slice(0, -5), junit(), /not XML/],
    ['nothing', '', junit(), /is empty|not XML/],
    ['of another kind', '<html/>', junit(), /its first element is html/],
    ['deep', deep, junit(), /more than 64 elements within each other/],
    ['NUL', 'a\0b', junit(), /NUL/],
    ['not UTF-8', latin1, junit(), /not text in UTF-8/],
    ['a number that is none', suites('', ' failures="-1"'), junit(), /failures="-1" .* is not a number/],
    ['tests that are only told of', suites('', ' tests="5"'), junit(), /tells of 5 tests and shows none/],
    ['no LCOV', 'hello', coverage('lcov'), /r\.xml:1 is not understood as LCOV/],
    ['LCOV cut off', 'SF:a\nDA:1,1\n', coverage('lcov'), /ends within a record/],
    ['LCOV outside of a record', 'DA:1,1\nend_of_record\n', coverage('lcov'), /:1 is not understood/],
    ['Cobertura of JUnit', suites(''), coverage('cobertura'), /not a Cobertura report/],
    [
      'a line without hits',
      '<coverage><class filename="a"><lines><line number="1"/></lines></class></coverage>',
      coverage('cobertura'),
      /no number or no hits/,
    ],
    ['no JSON', '{', findings('sarif'), /is not JSON/],
    ['a list', '[]', findings('sarif'), /not a JSON object/],
    ['SARIF of another version', '{"version": "1.0.0", "runs": []}', findings('sarif'), /not a SARIF 2.1.0/],
    ['SARIF without runs', '{"version": "2.1.0", "runs": []}', findings('sarif'), /no run of a tool/],
    [
      'a tool that failed',
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"invocations":[{"executionSuccessful":false}],"results":[]}]}',
      findings('sarif'),
      /x did not run to its end/,
    ],
    [
      'a tool without results',
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}}}]}',
      findings('sarif'),
      /tells of no results/,
    ],
    [
      'results that are no list',
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":{}}]}',
      findings('sarif'),
      /tells of no results/,
    ],
    ['Trivy without its head', '{"Results": []}', findings('trivy'), /not a report of Trivy/],
    [
      'vulnerabilities that are no list',
      '{"SchemaVersion":2,"ArtifactName":"a","Results":[{"Vulnerabilities":{}}]}',
      findings('trivy'),
      /not a list/,
    ],
    [
      'a severity nobody knows',
      '{"SchemaVersion":2,"ArtifactName":"a","Results":[{"Secrets":[{"Severity":"FINE"}]}]}',
      findings('trivy'),
      /has the severity fine/,
    ],
  ])('%s', async (_, text, condition, words) => {
    const measured = await measure({ 'r.xml': text }, condition)
    expect(measured.found).toEqual({ kind: 'unreadable', text: expect.stringMatching(words) })
    expect(judge(condition, measured, {}).state).toBe('error')
  })

  it('missing, too large or too many', async () => {
    const limits = { maxFileBytes: 10, maxTotalBytes: 100, maxFiles: 2 }
    const text = async (files: Record<string, string>) => (await measure(files, junit(), limits)).found
    expect(await text({})).toMatchObject({ text: 'there is no report: nothing matches **/*.xml' })
    expect(await text({ 'a.xml': 'x'.repeat(11) })).toMatchObject({ text: 'a.xml is too large (11 bytes)' })
    expect(await text({ 'a.xml': '', 'b.xml': '', 'c.xml': '' })).toMatchObject({
      text: 'more than 2 files match **/*.xml',
    })
  })

  it('deep JSON ends', async () => {
    const text = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(await found(text, findings('sarif'))).toMatchObject({ kind: 'unreadable' })
  })

  test('whatever is in it, a reader answers', async () => {
    const pieces = [
      '<testsuite>',
      '</testsuite>',
      '<testcase name="a"/>',
      '<',
      '&x;',
      '{"version":"2.1.0"',
      'SF:a\n',
      'DA:1,1\n',
      'end_of_record\n',
      '\0',
      ']]>',
      '"runs":[',
      '}',
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(fc.constantFrom(...pieces)).map((all) => all.join('')),
          fc.uint8Array(),
        ),
        fc.constantFrom(
          junit(),
          coverage('lcov'),
          coverage('cobertura'),
          findings('sarif'),
          findings('trivy'),
        ),
        async (content, condition) => {
          const measured = await measure({ 'r.xml': content }, condition)
          const { state } = judge(condition, measured, {})
          if (measured.found.kind === 'unreadable') expect(state).toBe('error')
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('coverage', () => {
  it('counts a line that two reports tell of once', async () => {
    const record = (hits: number): string => `SF:a.ts\nDA:1,${hits}\nDA:2,0\nend_of_record\n`
    const { found: what } = await measure({ a: record(0), b: record(1) }, coverage('lcov'))
    expect(what).toMatchObject({ lines: { covered: 1, total: 2 }, branches: null, functions: null })
  })

  it('takes sums where nothing else is told', async () => {
    const text =
      'TN:\nSF:a\nFNF:4\nFNH:1\nLF:10\nLH:20\nBRDA:3,0,0,-\nBRDA:3,0,1,2\nBRF:9\nBRH:9\nend_of_record\n'
    expect(await found(text, coverage('lcov'))).toMatchObject({
      lines: { covered: 10, total: 10 },
      branches: { covered: 1, total: 2 },
      functions: { covered: 1, total: 4 },
    })
  })

  it('reads functions of lcov 2', async () => {
    const text = 'SF:a\nFNL:0,1,4\nFNA:0,3,main\nFNL:1,6,8\nFNA:1,0,other\nDA:1,1\nend_of_record\n'
    expect(await found(text, coverage('lcov'))).toMatchObject({ functions: { covered: 1, total: 2 } })
  })
})

describe('findings', () => {
  const sarif = (results: readonly object[], rules: readonly object[] = []): string =>
    JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x', rules } }, results }] })
  const rule = (id: string, score: string) => ({ id, properties: { 'security-severity': score } })

  test.each([
    ['a level', [{ level: 'error' }], { high: 1 }],
    ['no level is a warning', [{}], { medium: 1 }],
    ['a level of its rule', [{ ruleId: 'r' }], { low: 1 }],
    ['the score of its rule before its level', [{ ruleId: 's', level: 'note' }], { critical: 1 }],
    ['a rule by index', [{ ruleIndex: 1, level: 'note' }], { critical: 1 }],
    [
      'what passed',
      [{ kind: 'pass', level: 'error' }, { baselineState: 'absent', level: 'error' }, { level: 'none' }],
      {},
    ],
    [
      'a suppression under review',
      [{ level: 'error', suppressions: [{ kind: 'external', status: 'underReview' }] }],
      { high: 1 },
    ],
    ['a suppression', [{ level: 'error', suppressions: [{ kind: 'inSource' }] }], { suppressed: 1 }],
  ])('SARIF: %s', async (_, results, expected) => {
    const rules = [{ id: 'r', defaultConfiguration: { level: 'note' } }, rule('s', '9.8')]
    const { suppressed = 0, ...counts } = expected as Record<string, number>
    expect(await found(sarif(results, rules), findings('sarif'))).toMatchObject({
      counts: { low: 0, medium: 0, high: 0, critical: 0, ...counts },
      suppressed,
    })
  })

  it('names the worst first, in one line each', async () => {
    const results = [
      { ruleId: 'a', level: 'note', message: { text: 'one\ntwo \u001b[31m' } },
      {
        ruleId: 'b',
        level: 'error',
        locations: [{ physicalLocation: { artifactLocation: { uri: 'a.ts' }, region: { startLine: 3 } } }],
      },
    ]
    expect(await found(sarif(results), findings('sarif'))).toMatchObject({
      first: [
        { severity: 'high', text: 'b a.ts:3' },
        { severity: 'low', text: 'a: one two [31m' },
      ],
    })
  })

  test('Trivy: every kind, by severity', async () => {
    const scan = {
      SchemaVersion: 2,
      ArtifactName: 'a',
      Results: [
        {
          Target: 'package-lock.json',
          Vulnerabilities: [
            {
              VulnerabilityID: 'CVE-1',
              PkgName: 'p',
              InstalledVersion: '1',
              FixedVersion: '2',
              Severity: 'CRITICAL',
            },
            { VulnerabilityID: 'CVE-2', PkgName: 'q', InstalledVersion: '1', Severity: 'UNKNOWN' },
          ],
        },
        {
          Target: 'main.tf',
          Misconfigurations: [
            { ID: 'M', Title: 't', Status: 'PASS', Severity: 'HIGH' },
            { ID: 'N', Title: 'u', Status: 'FAIL', Severity: 'MEDIUM' },
          ],
        },
        { Target: '.env', Secrets: [{ RuleID: 'key', Title: 'a key', Severity: 'HIGH' }] },
        { Target: 'lib', Licenses: [{ Name: 'AGPL-3.0', PkgName: 'z', Severity: 'HIGH' }] },
        { Target: 'nothing' },
      ],
    }
    expect(await found(JSON.stringify(scan), findings('trivy'))).toMatchObject({
      counts: { low: 1, medium: 1, high: 2, critical: 1 },
      first: [{ severity: 'critical', text: 'CVE-1 p 1, fixed in 2 (package-lock.json)' }, {}, {}, {}, {}],
    })
    expect(await found('{"SchemaVersion":2,"ArtifactName":"a"}', findings('trivy'))).toMatchObject({
      counts: { low: 0, medium: 0, high: 0, critical: 0 },
    })
  })
})

describe('files', () => {
  const about = (kind: 'files' | 'absent', ...globs: string[]): Condition => ({ kind, title: '', globs })
  const contains = (wanted: { text: string } | { pattern: string }): Condition => ({
    kind: 'contains',
    title: '',
    file: '**/*.md',
    wanted,
  })

  it('are there, or are not', async () => {
    const files = { 'a.md': '', 'docs/b.md': '' }
    expect((await measure(files, about('files', '*.md', 'docs/**', 'x/**'))).found).toMatchObject({
      paths: ['x/**'],
    })
    expect((await measure(files, about('absent', '**/*.md'))).found).toMatchObject({
      paths: ['a.md', 'docs/b.md'],
    })
  })

  it('hold what they should', async () => {
    const files = { 'a.md': '# A\nv1.2\n', 'b.md': '# B\n' }
    expect((await measure(files, contains({ text: '# ' }))).found).toMatchObject({ files: 2, without: [] })
    expect((await measure(files, contains({ pattern: '^v\\d' }))).found).toMatchObject({ without: ['b.md'] })
  })

  it('a pattern that never ends is given up', async () => {
    const files = { 'a.md': `${'a'.repeat(60)}!` }
    expect((await measure(files, contains({ pattern: '^(a+)+$' }))).found).toEqual({
      kind: 'unreadable',
      text: 'the pattern ^(a+)+$ takes too long over a.md',
    })
  })
})

test('a report that was there before the run is none of the run', async () => {
  const asked: (string | null | undefined)[] = []
  const reader = createGateReader({
    readFiles: async ({ since }) => {
      asked.push(since)
      return { files: [], more: 0, older: 'reports/unit.xml' }
    },
    putArtifact: async () => ({ hash: '', bytes: 0 }),
  })
  const at = { project: projectId('p'), run: runId('r'), root: '/', commit: commitId('c'), artifacts: [] }
  const since = commitId('b')
  expect((await reader.measure({ ...at, since, condition: junit() })).found).toEqual({
    kind: 'unreadable',
    text: 'reports/unit.xml was there before the run, just as it is: nothing in the run has made it',
  })
  // What a file says is the same whoever wrote it.
  const contains = { kind: 'contains', title: '', file: 'a.md', wanted: { text: 'x' } } as const
  await reader.measure({ ...at, since, condition: contains })
  expect(asked).toEqual([since, null])
})
