import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** `./amphi` on a project of three tasks, with real containers. */
const AMPHI = join(import.meta.dirname, '../../amphi')
const PROJECT = `version: 1
extends: amphitheatre-devops
epics:
  tiny:
    title: Three tasks
    phases:
      - name: Build
        parallel:
          - {id: count, agent: BuildMaster, run: 'echo "n=$(ls | wc -l)" >> "$AMPHITHEATRE_OUTPUT"; echo counted'}
          - {id: look, agent: TestGuardian, run: cat a.txt}
      - name: Write
        tasks:
          - {id: write, agent: BuildMaster, needs: [count], writes: [n.txt], run: 'echo "\${tasks.count.outputs.n}" > n.txt'}
  long:
    phases:
      - name: Wait
        tasks:
          - {id: sleep, agent: BuildMaster, workspace: none, run: 'echo up; while [ ! -e /amphitheatre/go ]; do sleep 0.1; done'}
  bad:
    phases:
      - name: Fail
        tasks: [{id: fail, agent: BuildMaster, workspace: none, run: exit 7}]
`

let dir: string
let env: NodeJS.ProcessEnv
const children: ChildProcess[] = []

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'amphi-e2e-'))
  env = { ...process.env, AMPHITHEATRE_DATA: join(dir, 'data'), XDG_RUNTIME_DIR: dir, LANG: 'C.UTF-8' }
  writeFileSync(join(dir, 'a.txt'), 'hello\n')
  writeFileSync(join(dir, 'amphitheatre.yaml'), PROJECT)
  writeFileSync(join(dir, '.gitignore'), 'data/\namphitheatre/\n')
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '-q', '-m', 'first')
})
afterAll(() => {
  // Only a test that failed leaves something: its processes, then what its agents are in.
  for (const child of children) child.kill('SIGKILL')
  amphi('stop', 'latest', '--force')
  rmSync(dir, { recursive: true, force: true })
})

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', ['-C', dir, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

function amphi(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(AMPHI, args, {
    cwd: dir,
    env,
    encoding: 'utf8',
    timeout: 120_000,
  })
  return { code: status, out: stdout, err: stderr }
}

function jsonLines(text: string): { type: string; seq?: number; [key: string]: unknown }[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** Starts a command and resolves when a line of its output matches. */
function until(args: readonly string[], wanted: RegExp): Promise<ChildProcess> {
  const child = spawn(AMPHI, args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    createInterface(child.stdout!).on('line', (line) => wanted.test(line) && resolve(child))
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it said ${wanted}`)))
  })
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve))
}

test('a run prints events as stored and a summary, and its work is applied', () => {
  const head = git('rev-parse', 'HEAD')
  const { code, out, err } = amphi('run', 'tiny', '--json')
  expect([code, err]).toEqual([0, ''])
  const lines = jsonLines(out)
  const summary = lines.pop()!
  expect(summary).toMatchObject({ type: 'summary', status: 'completed', tasks: { total: 3, completed: 3 } })
  const stored = jsonLines(amphi('events', '--json').out)
  const from = lines[0]!.seq!
  expect(lines).toEqual(stored.filter(({ seq }) => seq! >= from && seq! <= lines.at(-1)!.seq!))
  expect(git('rev-parse', 'HEAD')).toBe(head)

  expect(amphi('logs', 'look').out).toMatch(/hello/)
  expect(amphi('diff').out).toMatch(/^\+{3} b\/n\.txt$/m)
  expect(amphi('apply')).toMatchObject({ code: 0, out: expect.stringContaining('applied to main') })
  expect(git('log', '-1', '--format=%B')).toMatch(/Task: write/)
  expect(amphi('apply').code).toBe(0)
  expect(amphi('resume')).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to resume') })
})

test('a task that fails ends with 1, a refused command with 2', () => {
  const { code, out } = amphi('run', 'bad')
  expect(code).toBe(1)
  expect(out).toMatch(/exit code 7[\s\S]*amphi retry fail/)
  expect(amphi('skip', 'fail').code).toBe(0)
  expect(amphi('retry', 'nothing')).toMatchObject({ code: 2, err: expect.stringContaining('no') })
})

test('an interrupted host leaves its agent, clients follow the next, a stop ends it', async () => {
  const first = await until(['run', 'long'], /sleep#1 .*running/)
  const left = ended(first)
  first.kill('SIGINT')
  expect(await left).toBe(130)
  expect(amphi('status').out).toMatch(/No engine is running[\s\S]*sleep#1 +◔? ?running/)

  const host = await until(['resume', '--json'], /engine\.started/)
  const end = ended(host)
  const follower = await until(['logs', '-f', 'sleep'], /^up/)
  const interrupted = ended(follower)
  follower.kill('SIGINT')
  expect(await interrupted).toBe(130)
  expect(amphi('stop', 'latest', '--force')).toMatchObject({
    code: 0,
    out: expect.stringContaining('stopped'),
  })
  expect(await end).toBe(130)
  expect(amphi('agents').out).toContain('No agent is at work')
})
