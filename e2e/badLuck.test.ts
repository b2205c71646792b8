import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { amphi, jsonLines } from './support/amphi.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { fingerprint, git, type Playground, playground } from './support/repository.ts'

const undo: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

function project(tasks: readonly Record<string, unknown>[]): string {
  return stringify({
    version: 1,
    name: 'bad-luck',
    image: 'amphitheatre/agent',
    extends: 'amphitheatre-devops',
    epics: { go: { title: 'Go', phases: [{ name: 'all', tasks }] } },
  })
}

function place(tasks: readonly Record<string, unknown>[]): Playground {
  const made = playground({ 'amphitheatre.yaml': project(tasks), 'a.txt': 'a\n' })
  undo.push(async () => {
    await removeLeftovers(made.data)
    made.remove()
  })
  return made
}

test('an agent that plants hooks, filters and config in its clone runs nothing on the host', async () => {
  const canary = join(tmpdir(), `amphitheatre-canary-${process.pid}`)
  undo.push(() => rmSync(canary, { force: true }))
  const plant = [
    `for hook in pre-commit post-checkout post-merge reference-transaction post-index-change; do printf '#!/bin/sh\\ntouch ${canary}\\n' > .git/hooks/$hook; chmod +x .git/hooks/$hook; done`,
    `git config core.fsmonitor 'touch ${canary}'`,
    `git config filter.evil.clean 'touch ${canary}; cat'`,
    `git config filter.evil.smudge 'touch ${canary}; cat'`,
    `git config core.hooksPath .git/hooks`,
    `printf '* filter=evil\\n' > .gitattributes`,
    'mkfifo pipe',
    'ln -s /etc/passwd leak',
    'echo changed > a.txt',
  ].join('\n')
  const { root, data } = place([
    { id: 'plant', agent: 'BuildMaster', run: `mkdir -p .git/hooks\n${plant}`, writes: ['**'] },
    { id: 'after', agent: 'TestGuardian', run: 'test "$(cat a.txt)" = changed', needs: ['plant'] },
  ])
  const before = fingerprint(root)
  const ran = await amphi(['run', 'go', '--project', root, '--data', data, '--json'])
  const lines = jsonLines(ran.stdout)
  expect(lines.at(-1), ran.stderr).toMatchObject({ status: 'completed' })
  const committed = lines.find((line) => line.type === 'work.committed')?.data as { refused: string[] }
  expect(committed.refused.join('\n')).toContain('leak')
  expect(committed.refused.join('\n')).toContain('pipe')
  expect(fingerprint(root)).toBe(before)
  expect((await amphi(['apply', 'latest', '--data', data], { cwd: root })).code).toBe(0)
  expect(git(root, 'show', 'main:a.txt')).toBe('changed\n')
  expect(existsSync(canary)).toBe(false)
  expect(await leftovers(data)).toEqual([])
}, 120_000)

test('without Docker a run is refused before anything is recorded, and the remedy is named', async () => {
  const { root, data } = place([{ id: 'one', agent: 'BuildMaster', run: 'true' }])
  const env = { DOCKER_HOST: `unix://${join(data, '..', 'no-docker.sock')}` }
  const ran = await amphi(['run', 'go', '--runner', 'docker', '--project', root, '--data', data], { env })
  expect(ran.code).toBe(2)
  expect(ran.stderr).toMatch(/docker/i)
  expect(ran.stderr).not.toMatch(/at .*\.ts:/)
  const runs = await amphi(['runs', '--data', data, '--json'])
  expect(runs.stdout.trim() === '' || runs.stdout.trim() === '[]', runs.stdout).toBe(true)
}, 60_000)

test('a folder that is no repository is a visible failure with its remedy', async () => {
  const { root, data } = place([{ id: 'one', agent: 'BuildMaster', run: 'true', writes: ['x'] }])
  rmSync(join(root, '.git'), { recursive: true })
  const ran = await amphi(['run', 'go', '--project', root, '--data', data])
  expect(ran.code === 1 || ran.code === 2, `${ran.code}`).toBe(true)
  expect(ran.stdout + ran.stderr).toContain('git init')
}, 60_000)

test('spaces, letters of other alphabets and uncommitted changes in the checkout do no harm', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre nhà hát '))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const root = join(folder, 'kho lưu trữ')
  const data = join(folder, 'dữ liệu')
  mkdirSync(root)
  git(root, 'init', '-q', '-b', 'main')
  writeFileSync(join(root, 'ghi chú.txt'), 'một\n')
  const run = 'printf "hai\\n" >> "ghi chú.txt"; mkdir -p "thư mục"; echo x > "thư mục/tệp mới.txt"'
  const yaml = project([{ id: 'one', agent: 'BuildMaster', run, writes: ['ghi chú.txt', 'thư mục/**'] }])
  writeFileSync(join(root, 'amphitheatre.yaml'), yaml)
  git(root, 'add', '-A')
  git(root, '-c', 'user.name=T', '-c', 'user.email=t@example.invalid', 'commit', '-qm', 'một')
  writeFileSync(join(root, 'dở dang.txt'), 'not committed\n')
  undo.push(() => removeLeftovers(data))
  const ran = await amphi(['run', 'go', '--project', root, '--data', data])
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  expect((await amphi(['apply', 'latest', '--data', data], { cwd: root })).code).toBe(0)
  expect(
    git(root, '-c', 'core.quotePath=false', 'ls-tree', '-r', '--name-only', 'main').split('\n'),
  ).toContain('thư mục/tệp mới.txt')
  expect(git(root, 'show', 'main:ghi chú.txt')).toBe('một\nhai\n')
  expect(existsSync(join(root, 'dở dang.txt'))).toBe(true)
}, 120_000)

test('a full disk holds back what is next, in sight, and space brings the run to its end', async () => {
  const { root } = place([
    { id: 'one', agent: 'BuildMaster', run: 'echo 1 > one.txt; echo ready; sleep 3', writes: ['one.txt'] },
    { id: 'two', agent: 'TestGuardian', run: 'test -f one.txt', needs: ['one'] },
  ])
  const small = mkdtempSync(join(tmpdir(), 'amphitheatre-small-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', small])
  const data = join(small, 'data')
  undo.push(async () => {
    await removeLeftovers(data)
    execFileSync('umount', ['-l', small])
    rmSync(small, { recursive: true, force: true })
  })
  const running = amphi(['run', 'go', '--project', root, '--data', data, '--json'])
  await until(async () => (await amphi(['logs', 'one', '--data', data])).stdout.includes('ready'))
  const filler = join(small, 'filler')
  execFileSync('sh', ['-c', `dd if=/dev/zero of=${filler} bs=64k 2>/dev/null || true`])
  await until(async () => /disk .*is full/i.test((await amphi(['events', '--data', data])).stdout))
  rmSync(filler)
  const ran = await running
  expect(ran.code, ran.stderr + ran.stdout.slice(-3_000)).toBe(0)
  const lines = jsonLines(ran.stdout)
  expect(lines.at(-1)).toMatchObject({ status: 'completed', attempts: 2, tasks: { completed: 2 } })
}, 120_000)

test('an agent whose container someone removes is lost, and a person is asked', async () => {
  const { root, data } = place([
    {
      id: 'one',
      agent: 'BuildMaster',
      run: 'echo ready; sleep 60',
      workspace: 'none',
      on_lost: 'ask',
      retry: 2,
    },
  ])
  const running = amphi(['run', 'go', '--project', root, '--data', data, '--json'])
  await until(async () => (await amphi(['logs', 'one', '--data', data])).stdout.includes('ready'))
  await removeLeftovers(data)
  const ran = await running
  expect(ran.code, ran.stderr).toBe(3)
  expect(jsonLines(ran.stdout).at(-1)).toMatchObject({ status: 'needs-person', attempts: 1 })
  const answered = await amphi(['answer', 'one#1:lost', 'skip', '--data', data])
  expect(answered.code, answered.stdout + answered.stderr).toBe(0)
}, 120_000)

/** Looks again until it is so; the test's own limit ends a wait in vain. */
async function until(condition: () => Promise<boolean>): Promise<true> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 200))
  return true
}
