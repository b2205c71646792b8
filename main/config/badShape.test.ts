import { describe, expect, it } from 'vitest'
import { problemsOf, withTask, withTasks } from './testing.ts'

/** Wrong types, words and values: each with its place, all of a file at once. */

describe('the file', () => {
  it.each([
    ['', ['a.yaml:1:1: the file is empty: "amphi init" writes a project file to start from']],
    [
      '- a',
      [
        'a.yaml:1:1: the file is not a map of keys and values: "amphi init" writes a project file to start from',
      ],
    ],
    ['runner: auto', ['a.yaml:1:1: "version" is missing: it must be 1']],
    ['version: 2', ['a.yaml:1:10: "version" must be 1, not 2']],
    ['version: "1"', ['a.yaml:1:10: "version" must be 1, not "1"']],
    ['version: 1\nagnts: []', ['a.yaml:2:1: unknown key "agnts" (did you mean "agents"?)']],
    [
      'version: 1\nrunner: dokcer',
      ['a.yaml:2:9: "runner" must be one of auto, docker, process, not "dokcer" (did you mean "docker"?)'],
    ],
    ['version: 1\nlimits: 4', ['a.yaml:2:9: "limits" must be a map, not a number']],
    [
      'version: 1\nlimits:\n  max_concurrent_agents: 0\n  max_runtime: 600\n  max_runtme: 1h',
      [
        'a.yaml:3:26: "max_concurrent_agents" must be at least 1',
        'a.yaml:4:16: 600 does not say its unit: write "600 seconds" or "600 minutes"',
        'a.yaml:5:3: unknown key "max_runtme" (did you mean "max_runtime"?)',
      ],
    ],
    ['version: 1\nimage: 5', ['a.yaml:2:8: "image" must be text or a map, not a number']],
    [
      'version: 1\nimage: "a b"',
      ['a.yaml:2:8: "a b" is not an image reference: write for example "amphitheatre/agent:1"'],
    ],
    [
      'version: 1\nimage: {build: ../x}',
      ['a.yaml:2:16: "../x" leaves the repository: it holds "..". Write it relative to the repository root'],
    ],
    [
      'version: 1\nextends: amphitheater-devops',
      [
        'a.yaml:2:10: unknown preset "amphitheater-devops"; there are: amphitheatre-devops, terraform-platform (did you mean "amphitheatre-devops"?)',
      ],
    ],
    [
      'version: 1\na: 1\na: 2\nx-a: 1',
      [
        expect.stringContaining('a.yaml:2:1: unknown key "a"'),
        'a.yaml:3:1: the key "a" is given twice in this map',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(problemsOf(text)).toEqual(expected)
  })

  it('leaves keys that start with x- alone at every level', () => {
    const text = withTask('x-note: 1, resources: {x-y: 2}').replace(
      'epics:',
      'x-top: {a: [1]}\nepics:\n  x-epic: nothing',
    )
    expect(problemsOf(text)).toEqual([])
  })
})

describe('agents', () => {
  it.each([
    ['5', ['a.yaml:2:9: "agents" must be a list or a map, not a number']],
    [
      '\n  - {name: A, role: x, skils: [a]}\n  - {name: A, role: y}\n  - {name: B}\n  - {role: C}\n  - text',
      [
        'a.yaml:3:24: unknown key "skils" (did you mean "skills"?)',
        'a.yaml:4:12: the agent "A" is listed twice; first in line 3',
        'a.yaml:5:5: the agent "B" has no "role": say what it is for',
        'a.yaml:6:5: "name" is missing',
        'a.yaml:7:5: item 5 of "agents" must be a map, not text',
      ],
    ],
    [
      '\n  builder: {role: x, dependencies: [bulider, builder, tester]}\n  tester: {role: x, communication: ALL_AGENT}',
      [
        'a.yaml:3:37: unknown agent "bulider" in "dependencies" (did you mean "builder"?)',
        'a.yaml:3:46: the agent "builder" names itself in "dependencies"',
        'a.yaml:4:36: unknown agent "ALL_AGENT" in "communication" (did you mean "all_agents"?)',
      ],
    ],
  ])('%j', (agents, expected) => {
    expect(problemsOf(`version: 1\nagents: ${agents}`)).toEqual(expected)
  })
})

describe('a field of a task', () => {
  it.each([
    ['tiemout: 5 minutes', 37, 'unknown key "tiemout" (did you mean "timeout"?)'],
    ['timeout: 5', 46, '5 does not say its unit: write "5 seconds" or "5 minutes"'],
    ['timeout: 5 mintues', 46, '"5 mintues" has an unknown unit "mintues" (did you mean "minutes"?)'],
    ['timeout: soon', 46, '"soon" is not a duration: write for example "5 minutes", "30s" or "1h 30m"'],
    ['timeout: 0s', 46, 'this duration must be longer than 0'],
    ['timeout: [1]', 46, '"timeout" must be text, not a list'],
    ['timeout: 2000 days', 46, 'this duration must be at most one year'],
    [
      'kind: deply',
      43,
      '"kind" must be one of work, deploy, migrate, backup, check, not "deply" (did you mean "deploy"?)',
    ],
    ['priority: 9', 47, '"priority" must be at most 5'],
    ['priority: -1', 47, '"priority" must be at least 0'],
    ['priority: high', 47, '"priority" must be a number, not text'],
    ['priority: 1.5', 47, '"priority" must be a whole number, not 1.5'],
    ['retry: yes', 44, '"retry" must be a number or a map, not text'],
    ['retry: {retries: -1}', 54, '"retries" must be at least 0'],
    ['retry: {retries: 1, delay: 2m, max_delay: 1m}', 44, '"max_delay" is shorter than "delay"'],
    ['needs: b', 44, '"needs" must be a list, not text'],
    ['allow_failure: 1', 52, '"allow_failure" must be true or false, not a number'],
    [
      'network: intranet',
      46,
      '"network" must be one of none, run, internet, not "intranet" (did you mean "internet"?)',
    ],
    ['title: 2024', 44, '"title" must be text, not a number: put it in quotes'],
    ['reads:', 43, '"reads" must be a list, but is empty'],
    ['count: 0', 44, '"count" must be at least 1'],
    ['on_lost: rety', 46, '"on_lost" must be one of ask, retry, fail, not "rety" (did you mean "retry"?)'],
    ['env: {A B: 1}', 43, '"A B" cannot name a variable: use letters, digits and "_"'],
    [
      'env: {AMPHITHEATRE_X: 1}',
      43,
      '"AMPHITHEATRE_X" is set by the program itself: choose a name without AMPHITHEATRE_',
    ],
    ['env: {A: [1]}', 46, '"A" must be text or a number or true or false, not a list'],
    ['resources: {memory: 512}', 57, '512 does not say its unit: write "512MB" or "512GB"'],
    [
      'resources: {memory: 512m}',
      57,
      '"512m" has a unit that tools disagree about: write "512MB" or "512MiB"',
    ],
    ['resources: {memory: 1MB}', 57, '"1MB" is too little: the least is 6 MiB'],
    ['workspace: none, writes: [b]', 54, '"writes" has no meaning with "workspace: none"'],
    [
      'reads: [/etc/passwd]',
      45,
      '"/etc/passwd" leaves the repository: it is absolute. Write it relative to the repository root',
    ],
  ])('%s', (field, column, message) => {
    expect(problemsOf(withTask(field))).toEqual([`a.yaml:8:${column + 12}: ${message}`])
  })

  it('is told with all others', () => {
    const text = withTasks(
      '{id: my task, agent: 5, run: x, timeout: 5}',
      'just text',
      '{agent: BuildMaster}',
      '{id: a.lock, skills: [vitset], run: x}',
    )
    expect(problemsOf(text)).toEqual([
      'a.yaml:8:18: "my task" is not a valid name: use letters, digits, ".", "_" and "-", at most 64, starting with a letter or digit',
      'a.yaml:8:34: "agent" must be text, not a number: put it in quotes',
      'a.yaml:8:54: 5 does not say its unit: write "5 seconds" or "5 minutes"',
      'a.yaml:9:13: item 2 of "tasks" must be a map, not text',
      'a.yaml:10:13: "id" is missing',
      'a.yaml:10:13: "run" is missing',
      'a.yaml:11:18: "a.lock" cannot be a name: git or Windows refuses it as a file name',
      'a.yaml:11:35: no agent has the skill "vitset" (did you mean "vitest"?)',
    ])
  })
})

describe('the seeds’ blocks', () => {
  it.each([
    ['rules: no', ['1:8: "rules" must be a list, not text']],
    ['health_checks: {interval: 30}', ['1:27: 30 does not say its unit: write "30 seconds" or "30 minutes"']],
    [
      'pipeline: {stages: [lnt]}',
      [
        '1:21: item 1 of "stages" must be one of lint, test, build, security, deploy, report, not "lnt" (did you mean "lint"?)',
      ],
    ],
    [
      'incident_levels: {P7: {response_time: 1 hour}}',
      ['1:19: "P7" is not an incident level: they are P0, P1 and P2, as in "P0_critical"'],
    ],
    ['conflict_resolution: {locks: [{resource: a, holder: Bob}]}', ['1:53: unknown agent "Bob"']],
    [
      'design_conflicts: {resolution: {L1: a}, escalation_time: 4 hors per level}',
      ['1:58: "4 hors per level" is not understood: write for example "4 hours per level"'],
    ],
    [
      'communication_efficiency: {batch_updates: {frequency: Every 4 hors}}',
      ['1:55: "Every 4 hors" is not understood: write for example "Every 4 hours"'],
    ],
    [
      'blocking_dependencies: {a: {block: [x], timeout: 24h}}',
      ['1:28: "blocks" is missing', '1:29: unknown key "block" (did you mean "blocks"?)'],
    ],
  ])('%s', (text, expected) => {
    expect(problemsOf(`${text}\nversion: 1`)).toEqual(expected.map((line) => `a.yaml:${line}`))
  })
})
