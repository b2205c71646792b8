import { describe, expect, it, test } from 'vitest'
import { globFault } from './globs.ts'
import { loadProjectText } from './project.ts'
import { problemsOf, withTask, withTasks } from './testing.ts'

/** What tasks say about each other and about agents. */

const task = (id: string, more = ''): string =>
  `{id: ${id}, agent: BuildMaster, run: x${more === '' ? '' : `, ${more}`}}`

describe('agents and skills of tasks', () => {
  it.each([
    [
      '{id: a, agent: Buildmaster, run: x}',
      '8:28: unknown agent "Buildmaster" (did you mean "BuildMaster"?)',
    ],
    [
      '{id: a, agent: Bob, run: x}',
      '8:28: unknown agent "Bob"; there are: BuildMaster, TestGuardian, DeployCommander, DatabaseArchitect, MonitoringSentinel, BackupKeeper',
    ],
    [
      '{id: a, run: x}',
      '8:13: the task "a" names neither "agent" nor "skills": add one; agents are BuildMaster, TestGuardian, DeployCommander, DatabaseArchitect, MonitoringSentinel, BackupKeeper',
    ],
    [
      '{id: a, run: x, skills: [docker, vitset]}',
      '8:46: no agent has the skill "vitset" (did you mean "vitest"?)',
    ],
  ])('%s', (line, expected) => {
    expect(problemsOf(withTasks(line))).toEqual([`a.yaml:${expected}`])
  })

  it('asks once for agents where there are none', () => {
    const text = withTasks(task('a'), task('b')).replace('extends: amphitheatre-devops', 'runner: auto')
    expect(problemsOf(text)).toEqual([
      'a.yaml:3:1: this project has no agents: add "agents:" or "extends: amphitheatre-devops"',
    ])
  })

  it('warns of skills that an agent lacks, and of sets that none has', () => {
    const result = loadProjectText(
      withTasks('{id: a, skills: [vitest, docker], run: x}', task('b', 'skills: [docker]')),
      { env: {} },
    )
    expect(result.ok && result.warnings.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '8: no agent has all of these skills: it goes to one with most of them',
      '9: the agent "BuildMaster" does not have: docker',
    ])
  })
})

test('a role has no name that messages to others go by', () => {
  expect(problemsOf('version: 1\nagents:\n  - {name: Person, role: x}\n')).toEqual([
    'a.yaml:3:5: "Person" is whom messages of that address go to: call the agent something else',
  ])
})

describe('ids', () => {
  it.each([
    [
      [task('a'), task('a'), task('A')],
      [
        '9:18: the task id "a" is used twice in this epic; first in line 8',
        '10:18: the task id "A" differs from "a" only in letter case; first in line 8',
      ],
    ],
    [
      [task('a', 'count: 3'), task('a-2')],
      ['9:18: the task id "a-2" is used twice in this epic; first in line 8'],
    ],
    [
      [task('a-2'), task('a', 'count: 3')],
      ['9:18: the task id "a-2" (by the "count" of "a") is used twice in this epic; first in line 8'],
    ],
    [
      [task('a'.repeat(63), 'count: 3')],
      [`8:18: "${'a'.repeat(63)}-3" is too long for a name: shorten the id`],
    ],
    // Whoever wrote to it would reach others.
    [
      [task('help'), task('Person'), task('ALL'), task('helper')],
      [
        '8:18: "help" is whom messages of that address go to: choose another id',
        '9:18: "Person" is whom messages of that address go to: choose another id',
        '10:18: "ALL" is whom messages of that address go to: choose another id',
      ],
    ],
  ])('%j', (lines, expected) => {
    expect(problemsOf(withTasks(...lines))).toEqual(expected.map((line) => `a.yaml:${line}`))
  })

  it('may be the same in two epics', () => {
    const text = withTasks(task('a'))
    expect(problemsOf(`${text}  other: {phases: [{name: p, tasks: [${task('a')}]}]}\n`)).toEqual([])
  })

  it('are bounded in number', () => {
    const lines = Array.from({ length: 11 }, (_, i) => task(`t${i}`, 'count: 1000'))
    expect(problemsOf(withTasks(...lines))).toEqual([
      'a.yaml:18:13: this epic has more than 10000 tasks: lower "count"',
    ])
    expect(
      problemsOf(
        withTasks(task('a', 'count: 1000'), task('b', 'count: 1000, needs: [a]'), task('c', 'needs: [b]')),
      ),
    ).toEqual([
      'a.yaml:10:13: the needs of this epic expand to more than 1000000: put a single task between the counted ones',
    ])
  })
})

describe('needs', () => {
  it.each([
    [
      [task('build'), task('b', 'needs: [biuld]'), task('c', 'needs_soft: [{task: q}]')],
      [
        '9:57: unknown task "biuld" in this epic (did you mean "build"?)',
        '10:69: unknown task "q" in this epic',
      ],
    ],
    [
      [
        task('a', 'needs: [b]'),
        task('b', 'needs: [{task: c}]'),
        task('c', 'needs: [a]'),
        task('d', 'needs: [d]'),
      ],
      ['8:57: these tasks wait for each other: a → b → c → a', '11:57: this task waits for itself: d → d'],
    ],
    [[task('a', 'needs_soft: [a]')], ['8:62: the task "a" names itself']],
    [
      [task('a', 'count: 2, needs: [b-1]'), task('b', 'count: 2, needs: [a]')],
      ['8:67: these tasks wait for each other: a → b → a'],
    ],
  ])('%j', (lines, expected) => {
    expect(problemsOf(withTasks(...lines))).toEqual(expected.map((line) => `a.yaml:${line}`))
  })

  it('close a loop with the order of a sequential list', () => {
    const text = withTasks(task('a', 'needs: [b]'), task('b')).replace('tasks:', 'sequential:')
    expect(problemsOf(text)).toEqual(['a.yaml:8:57: these tasks wait for each other: a → b → a'])
  })

  it('are of the same or an earlier phase', () => {
    const text = `${withTasks(task('a', 'needs: [b]'))}      - {name: Two, parallel: [${task('b', 'needs: [a]')}]}\n`
    expect(problemsOf(text)).toEqual([
      'a.yaml:8:57: these tasks wait for each other: a → b → a',
      'a.yaml:8:57: the task "b" is in a later phase ("Two"): needs are of the same or an earlier phase',
    ])
  })

  it('stand in a phase of exactly one kind', () => {
    const text = `${withTasks(task('a'))}        parallel: [${task('b')}]\n      - name: Two\n`
    expect(problemsOf(text)).toEqual([
      'a.yaml:6:9: a phase has exactly one of parallel, sequential, tasks; this one has parallel and tasks',
      'a.yaml:10:9: a phase has exactly one of parallel, sequential, tasks; this one has none',
    ])
  })
})

describe('outputs of other tasks', () => {
  const read = (what: string): string =>
    `{id: r, agent: BuildMaster, run: "\${tasks.${what}}", needs: [b, c-2]}`
  const others = [task('build'), task('b', 'needs: [build]'), task('c', 'count: 2'), task('late')]

  it.each([
    ['b.outputs.x', []],
    ['build.outputs.x', []],
    ['c-2.outputs.x', []],
    ['c-1.outputs.x', ['reads from "c-1", which may not have run by then: add it to "needs"']],
    ['c.outputs.x', ['could mean any of 2 tasks: name one, such as "c-1"']],
    ['late.outputs.x', ['reads from "late", which may not have run by then: add it to "needs"']],
    ['r.outputs.x', ['reads from "r", which may not have run by then: add it to "needs"']],
    ['biuld.outputs.x', ['reads from an unknown task "biuld" (did you mean "build"?)']],
    ['b.output.x', ['is not understood: write $' + '{tasks.ID.outputs.NAME}']],
  ])('%s', (what, expected) => {
    expect(problemsOf(withTasks(...others, read(what)))).toEqual(
      expected.map((line) => `a.yaml:12:46: "\${tasks.${what}}" ${line}`),
    )
  })

  it('may be read from every earlier phase, and from the environment', () => {
    const reader = `{id: r, agent: BuildMaster, run: x, env: {A: "\${tasks.a.outputs.x}", B: "\${tasks.s.outputs.x}"}}`
    const text = `${withTasks(task('a'))}      - {name: Two, parallel: [${task('s')}, ${reader}]}\n`
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(
        /^a.yaml:9:\d+: "\${tasks.s.outputs.x}" reads from "s", which may not have run by then/,
      ),
    ])
  })
})

describe('globs', () => {
  it.each([
    'src/**',
    '**',
    '*.ts',
    '{a,b}/*.{js,ts}',
    'a/.github/x',
    'weird name/ü/*',
    '...',
    'a..b/c',
    '.gitignore',
    '@(a|b)/x',
  ])('takes %j', (glob) => expect(globFault(glob)).toBeUndefined())

  it.each([
    ['/etc/passwd', 'it is absolute'],
    ['../x', 'it holds ".."'],
    ['a/../../x', 'it holds ".."'],
    ['src/{a,../../b}', 'it holds ".."'],
    ['@(..|a)/x', 'it holds ".."'],
    ['{/etc,a}/b', 'an alternative in it is absolute'],
    ['{C:/x,a}', 'an alternative in it is absolute'],
    ['C:/x', 'it starts with a drive letter'],
    ['c:x', 'it starts with a drive letter'],
    ['~/x', '"~" is the home folder'],
    ['a\\b', 'holds a backslash'],
    ['a\0', 'holds a control character'],
    ['!a', 'exclusions are not supported'],
    ['.git/hooks/x', "is git's own folder"],
    ['a/{.GIT,b}/x', "is git's own folder"],
    [' ', 'a glob must not be empty'],
  ])('refuses %j', (glob, reason) => {
    expect(globFault(glob)).toContain(reason)
    expect(problemsOf(withTask(`writes: [${JSON.stringify(glob)}]`))).toHaveLength(1)
  })
})
