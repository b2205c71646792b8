import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dataDirFor } from './dataDir.ts'

/** The program as people start it: `./amphi` in a process of its own, without Docker and without an engine. */
const AMPHI = join(import.meta.dirname, '../../amphi')
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphi-cli-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

interface Answer {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function amphi(args: readonly string[], options: { program?: string; env?: NodeJS.ProcessEnv } = {}): Answer {
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    LANG: 'C.UTF-8',
    AMPHITHEATRE_DATA: join(dir, 'data'),
    ...options.env,
  }
  const result = spawnSync(options.program ?? AMPHI, args, {
    cwd: dir,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: result.status, out: result.stdout, err: result.stderr }
}

const COMMANDS =
  'init validate run spawn resume status runs agents tasks logs events diff attach stop pause continue retry skip rerun answer apply discard messages send handoffs context risks components locks release-locks agent session conflicts resolve deps checkpoint reset orchestrator hook scripts doctor serve completion'

test('help names every command, quietly', () => {
  const { code, out, err } = amphi(['--help'])
  expect([code, err]).toEqual([0, ''])
  for (const command of COMMANDS.split(' ')) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
  expect(amphi([]).out).toBe(out)
})

test('the version is the package’s, with no word more', () => {
  expect(amphi(['--version'])).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
})

test.each(['run', 'events', 'attach'])('%s --help has an example and the common options', (command) => {
  const { code, out } = amphi([command, '--help'])
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`Example:\\n  amphi ${command}`))
  expect(out).toMatch(/--json[\s\S]*--data/)
})

test.each<[string, readonly string[], RegExp]>([
  ['an unknown command', ['rnu'], /unknown command 'rnu'[\s\S]*Did you mean run\?/],
  ['an unknown option', ['run', 'x', '--jsn'], /unknown option '--jsn'[\s\S]*--json/],
  ['a missing argument', ['run'], /missing required argument 'epic'/],
  ['too many arguments', ['resume', 'now'], /too many arguments/],
  ['a runner that does not exist', ['run', 'x', '--runner', 'swarm'], /auto, docker, process/],
  ['a number that is none', ['events', '--from', 'yesterday'], /not a whole number/],
  ['a shell that is not known', ['completion', 'csh'], /bash, zsh, fish/],
  ['a missing project file', ['run', 'ship'], /no amphitheatre\.yaml[\s\S]*amphi init/],
  [
    'a role that does not exist',
    ['spawn', '--role', 'BuildMastr', 'true'],
    /no role "BuildMastr"[\s\S]*BuildMaster/,
  ],
  [
    'a glob that leaves the repository',
    ['spawn', '--role', 'BuildMaster', '--writes', '../x', 'true'],
    /--writes/,
  ],
  [
    'a group with a word it does not know',
    ['agent', 'regster'],
    /unknown command 'regster'[\s\S]*Did you mean register\?/,
  ],
  ['registering without a name', ['agent', 'register'], /required option '--name/],
  ['a priority that is none', ['agent', 'register', '--name', 'x', '--priority', '9'], /1 \(first\) to 5/],
  ['stopping nobody', ['agent', 'stop'], /Which agent\?[\s\S]*--id/],
  [
    'stopping both ways',
    ['agent', 'stop', '--graceful', '--force'],
    /cannot be used with option '--graceful'/,
  ],
  ['attaching without a terminal', ['attach', 'x'], /needs a terminal[\s\S]*logs --follow/],
])('%s ends with 2 and says what to do', (_, args, message) => {
  const { code, err } = amphi(args)
  expect(err).toMatch(message)
  expect(err).not.toMatch(/\n +at /)
  expect(code).toBe(2)
})

test('init writes a file that validates, and never over one', () => {
  const folder = join(dir, 'a project')
  mkdirSync(folder)
  expect(amphi(['init', '--project', folder]).code).toBe(0)
  const file = join(folder, 'amphitheatre.yaml')
  expect(readFileSync(file, 'utf8')).not.toContain(join(import.meta.dirname, '../..'))
  expect(amphi(['validate', file])).toMatchObject({
    code: 0,
    out: expect.stringContaining('a project: 1 epic'),
  })
  expect(amphi(['init', '--project', folder])).toMatchObject({
    code: 2,
    err: expect.stringContaining('is there already'),
  })
  expect(amphi(['run', 'frist', '--project', folder])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/Did you mean first\?/),
  })
})

test('validate tells every problem of every file with its place', () => {
  const bad = join(dir, 'bad.yaml')
  writeFileSync(bad, 'version: 1\nlimitz: {}\nepics:\n  a: {phases: [{name: P, tasks: [{id: x, run: 5}]}]}\n')
  const { code, out } = amphi(['validate', bad, join(dir, 'missing.yaml')])
  expect(code).toBe(2)
  expect(out).toMatch(/bad\.yaml:2:1: unknown key "limitz" \(did you mean "limits"\?\)/)
  expect(out).toMatch(/bad\.yaml:4:\d+: /)
  expect(out).toMatch(/missing\.yaml: there is no such file/)
  const json = amphi(['validate', '--json', bad]).out.trim().split('\n')
  expect(json.map((line) => JSON.parse(line))).toMatchObject([{ ok: false, kind: 'project' }])
})

test('without an engine one can still look', () => {
  expect(amphi(['status'])).toMatchObject({ code: 0, out: 'No engine is running.\n' })
  expect(amphi(['runs', '--json'])).toEqual({ code: 0, out: '', err: '' })
  expect(amphi(['events', '--json'])).toEqual({ code: 0, out: '', err: '' })
  expect(amphi(['locks'])).toMatchObject({ code: 0, out: 'Nobody holds a lock.\n' })
  expect(amphi(['tasks'])).toMatchObject({ code: 2, err: 'amphi: There are no runs yet.\n' })
  expect(amphi(['logs', 'x'])).toMatchObject({ code: 2, err: expect.stringContaining('no agent "x"') })
})

test('a data folder that cannot be is an error with a reason', () => {
  writeFileSync(join(dir, 'file'), '')
  for (const folder of [join(dir, 'file'), join(dir, 'file', 'x')]) {
    const { code, err } = amphi(['status', '--data', folder])
    expect(code).toBe(2)
    expect(err).toBe(
      `amphi: The data folder ${folder} cannot be made: a file is in the way.\n  Choose a folder you may write, with --data or AMPHITHEATRE_DATA.\n`,
    )
  }
})

test.runIf(process.platform === 'linux')('a data folder where none can be made ends, too', () => {
  expect(amphi(['status', '--data', '/proc/none/of'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('cannot be made: ENOENT'),
  })
})

test('without HOME the data is still not put where the command was typed', () => {
  expect(dataDirFor(undefined, {})).toMatch(/^\//)
  vi.stubEnv('HOME', '')
  expect(dataDirFor(undefined, {})).toMatch(/^\//)
  vi.unstubAllEnvs()
})

test.each([
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['-n']],
] as const)('the %s completion names every command and is a script', (shell, check) => {
  const { code, out } = amphi(['completion', shell])
  expect(code).toBe(0)
  for (const command of COMMANDS.split(' ')) expect(out).toContain(command)
  const file = join(dir, `completion.${shell}`)
  writeFileSync(file, out)
  const checked = spawnSync(shell, [...check, file], { encoding: 'utf8' })
  // A shell that is not on this machine cannot be asked.
  if (checked.error === undefined) expect([checked.status, checked.stderr]).toEqual([0, ''])
})

test('bash completes commands, options and their values', () => {
  const script = join(dir, 'complete.bash')
  writeFileSync(script, amphi(['completion', 'bash']).out)
  const complete = (...words: string[]) => {
    const set = `source '${script}'; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _amphi; echo "\${COMPREPLY[@]}"`
    return spawnSync('bash', ['-c', set], { encoding: 'utf8' }).stdout.trim()
  }
  expect(complete('amphi', 'disc')).toBe('discard')
  expect(complete('amphi', 'logs', '--f')).toBe('--follow')
  expect(complete('amphi', 'agent', 'reg')).toBe('register')
  expect(complete('amphi', 'run', 'x', '--runner', 'd')).toBe('docker')
})

test('it starts through links, from anywhere', () => {
  symlinkSync(AMPHI, join(dir, 'first'))
  symlinkSync('first', join(dir, 'second'))
  expect(amphi(['--version'], { program: join(dir, 'second') }).code).toBe(0)
})

test('without its dependencies it says how to get them', () => {
  const copy = join(dir, 'fresh checkout')
  mkdirSync(copy)
  spawnSync('cp', [AMPHI, copy])
  const { code, err } = amphi(['--version'], { program: join(copy, 'amphi') })
  expect([code, err]).toEqual([2, expect.stringContaining('npm ci')])
  expect(existsSync(join(copy, 'node_modules'))).toBe(false)
})
