import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { amphi, jsonLines } from './support/amphi.ts'
import { processLeftovers } from './support/processes.ts'
import { fingerprint, git, type Playground, playground } from './support/repository.ts'
import { bookshelf } from './support/sample.ts'

/** The sample without Docker: agents are supervised processes of this machine. */
let place: Playground | undefined
afterEach(() => {
  place?.remove()
  place = undefined
})

test('the sample ships as processes, says that they are not isolated, and leaves nothing behind', async () => {
  place = bookshelf()
  const { root, data } = place
  const before = fingerprint(root)
  const args = ['--project', root, '--data', data, '--runner', 'process', '--json']
  const ran = await amphi(['run', 'ship', ...args], { env: NO_DOCKER })
  expect(ran.code, ran.stderr + ran.stdout.slice(-3_000)).toBe(0)
  expect(ran.stderr).toMatch(/^Not isolated: /)
  const lines = jsonLines(ran.stdout)
  expect(lines.at(-1)).toMatchObject({
    type: 'summary',
    status: 'completed',
    tasks: { total: 14, completed: 14, failed: 0 },
  })
  const prepared = lines.find(({ type }) => type === 'run.prepared') as {
    readonly data: { warnings: string[] }
  }
  expect(prepared.data.warnings).toEqual(
    expect.arrayContaining([
      expect.stringContaining('Not isolated'),
      expect.stringContaining('Network limits are not enforced: 14 tasks'),
    ]),
  )
  expect(fingerprint(root)).toBe(before)
  expect(processLeftovers(data)).toEqual([])
  expect(
    existsSync(join(data, 'processes/agents')) ? readdirSync(join(data, 'processes/agents')) : [],
  ).toEqual([])

  const head = git(root, 'rev-parse', 'HEAD').trim()
  const applied = await amphi(['apply', 'latest', '--data', data], { cwd: root, env: NO_DOCKER })
  expect(applied.code, applied.stderr).toBe(0)
  expect(Number(git(root, 'rev-list', '--count', `${head}..main`))).toBeGreaterThanOrEqual(5)
  expect(git(root, 'status', '--porcelain')).toBe('')
}, 180_000)

test('four agents as processes talk through their doors', async () => {
  place = bookshelf()
  const { root, data } = place
  const args = ['--project', root, '--data', data, '--runner', 'process', '--json']
  const ran = await amphi(['run', 'plan-lists', ...args], { env: NO_DOCKER })
  expect(ran.code, ran.stderr + ran.stdout.slice(-3_000)).toBe(0)
  const lines = jsonLines(ran.stdout)
  expect(lines.at(-1)).toMatchObject({ status: 'completed', tasks: { total: 4, completed: 4 } })
  expect(lines.filter(({ type }) => type === 'handoff.completed')).toHaveLength(1)
  expect(processLeftovers(data)).toEqual([])
}, 120_000)

test('`auto` comes to processes where Docker does not answer', async () => {
  place = playground({
    'image/Dockerfile': 'FROM scratch',
    'amphitheatre.yaml': [
      'version: 1',
      'name: small',
      'runner: auto',
      'image: {build: image}',
      'extends: amphitheatre-devops',
      'epics:',
      '  hello:',
      '    title: Hello',
      '    phases:',
      '      - name: One',
      '        parallel:',
      '          - {id: greet, agent: BuildMaster, run: "echo hello; id -u; pwd", workspace: none}',
    ].join('\n'),
  })
  const { root, data } = place
  const ran = await amphi(['run', 'hello', '--project', root, '--data', data], { env: NO_DOCKER })
  expect(ran.code, ran.stderr + ran.stdout).toBe(0)
  expect(ran.stderr).toMatch(/Not isolated/)
  const logs = await amphi(['logs', 'greet', '--data', data], { env: NO_DOCKER })
  expect(logs.stdout, logs.stderr).toMatch(/hello/)
  if (process.getuid?.() === 0) expect(logs.stdout).toMatch(/^1000\r?$/m)
  expect(processLeftovers(data)).toEqual([])
}, 60_000)

const NO_DOCKER = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' }
