import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  agentUser,
  attempt,
  commitTask,
  cutTask,
  doTask,
  fingerprint,
  git,
  makeCommit,
  makeWorld,
  mergeTask,
  treeOf,
  type World,
  writeFiles,
} from './testHelpers.ts'

const asRoot = process.getuid?.() === 0
const sh = (cwd: string, script: string, env: Record<string, string> = {}): void => {
  execFileSync('bash', ['-c', script], { cwd, env: { PATH: process.env.PATH, ...env }, stdio: 'pipe' })
}

/**
 * What agents planted to make git on the host run, hang or convert something. Each plants in `work`; the program
 * to be run is `$EVIL`, which leaves a canary.
 */
const PLANTED: Readonly<Record<string, string>> = {
  hooks:
    'mkdir -p .git/hooks; for h in pre-commit post-checkout reference-transaction post-merge; do cp $EVIL .git/hooks/$h; done',
  'core.fsmonitor': 'git config core.fsmonitor $EVIL; git config core.hooksPath $PWD',
  'filters and diff drivers':
    'git config filter.e.clean $EVIL; git config filter.e.process $EVIL; git config diff.external $EVIL; git config diff.e.textconv $EVIL; echo "* filter=e diff=e text eol=crlf ident working-tree-encoding=UTF-16" > .gitattributes; cp .gitattributes .git/info/attributes',
  'a nested submodule with its own configuration':
    'git init -q sub; cd sub; git config core.fsmonitor $EVIL; git config core.worktree ..; echo x > x; cp $EVIL .git/hooks/pre-commit',
  'alternates of its own': 'echo /etc > .git/objects/info/alternates; echo "../../../../.." > .git/commondir',
  'a FIFO as rules':
    'rm -f .gitignore .gitattributes; mkfifo .gitignore .gitattributes d/.gitignore d/.gitattributes .git/info/x',
  'a FIFO in place of the index': 'rm .git/index .git/HEAD; mkfifo .git/index .git/HEAD .git/config.lock',
  'a link in place of .git': 'mv .git d/real; ln -s d/real .git',
  'a file in place of .git': 'rm -rf .git; echo "gitdir: /" > .git',
  'a link in place of a folder': 'rm -r d; ln -s / d',
  'rules that lead elsewhere':
    'ln -sf /etc/passwd .gitignore; ln -s /etc/passwd .gitmodules; ln -sf /dev/zero .gitattributes',
}

function setUp(): { world: World; evil: string; canary: string } {
  const world = makeWorld()
  makeCommit(world.root, { '.gitignore': 'ignored/\n', a: 'a\n', 'd/f': 'f\n' })
  const canary = join(world.folder, 'canary')
  const evil = join(world.folder, 'evil.sh')
  writeFileSync(evil, `#!/bin/sh\ntouch ${canary}\ncat\n`)
  chmodSync(evil, 0o755)
  return { world, evil, canary }
}

describe('nothing an agent plants runs, hangs or reaches the host', () => {
  test.each(Object.entries(PLANTED))('%s', { timeout: 20_000 }, async (_name, script) => {
    const { world: made, evil, canary } = setUp()
    using world = made
    const outside = fingerprint(world.root)
    const { path, commit: cut } = await cutTask(world, 'evil')
    // The agent's `git` finds its own clone, whoever owns it.
    const settings = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' }
    sh(path, script, { EVIL: evil, HOME: world.folder, ...settings })
    writeFiles(path, { a: 'line\r\n$Id$\n' })
    rmSync(canary, { force: true })
    const result = await commitTask(world, 'evil', cut)
    const blob = git(world.hub, 'rev-parse', `${result.commit}:a`)
    expect(git(world.hub, 'cat-file', '-s', blob)).toBe('11')
    for (const path of Object.keys(treeOf(world, result.commit!))) expect(path).not.toMatch(/\.git\//)
    await mergeTask(world, 'evil', result.commit!)
    await world.workspaces.diff(world.run)
    expect(fingerprint(world.root)).toEqual(outside)
    await world.workspaces.remove(world.run, attempt(world, 'evil'))
    expect(existsSync(canary)).toBe(false)
    expect(git(world.hub, 'fsck', '--strict', '--no-dangling')).toBe('')
  })
})

test('every refused kind of path is named, and everything else is committed', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1', Readme: '1', 'Dir/x': '1', wasFile: '1', 'wasDir/x': '1' })
  const { path, commit: cut } = await cutTask(world, 'odd')
  writeFiles(path, {
    good: '1',
    'git~1/x': '1',
    '.GIT/x': '1',
    'sub/.git/config': '1',
    'sub/.g\u200cit/config': '1',
    'sub/file': '1',
    CON: '1',
    'aux.txt': '1',
    'x::$DATA': '1',
    'back\\slash': '1',
    README: '1',
    'dir/y': '1',
    'new/A': '1',
    'new/a': '1',
    'line\nbreak': '1',
    'dot.': '1',
    'space ': '1',
    huge: '',
  })
  execFileSync('truncate', ['-s', '101M', join(path, 'huge')])
  sh(
    path,
    `mkfifo fifo; printf x > $'bad\\xff'; mkdir $'dir\\xfe'; echo 1 > $'dir\\xfe/x'; rm wasFile; mkfifo wasFile`,
  )
  sh(path, 'rm -r wasDir; ln -s /etc wasDir; ln -s ../.. up; ln -s a ok-link; ln -s sub/.git/config to-git')
  const server = createServer().listen(join(path, 'sock'))
  await new Promise((resolve) => server.once('listening', resolve))
  const result = await commitTask(world, 'odd', cut)
  await new Promise((resolve) => server.close(resolve))
  expect([...result.refused].sort()).toEqual(
    [
      'a FIFO: fifo',
      'a FIFO: wasFile',
      'a nested repository: .GIT',
      'a nested repository: git~1',
      'a nested repository: sub/.git',
      'a nested repository: sub/.g\u200cit',
      'a socket: sock',
      'backslash in the name: back\\slash',
      'colon in the name (a stream on Windows): x::$DATA',
      'control characters in the name: line\\x0abreak',
      'differs from Dir in case only: dir/y',
      'differs from Readme in case only: README',
      'dot or space at the end of the name: dot.',
      'dot or space at the end of the name: space ',
      'larger than 104857600 bytes: huge',
      'link leaves the workspace: to-git',
      'link leaves the workspace: up',
      'link leaves the workspace: wasDir',
      'name is not UTF-8: bad\\xff',
      'name is not UTF-8: dir\\xfe',
      'the name of a device on Windows: CON',
      'the name of a device on Windows: aux.txt',
    ]
      .concat(result.refused.filter((line) => /in case only: new\//.test(line)))
      .sort(),
  )
  const tree = Object.keys(treeOf(world, result.commit!))
  expect(tree.filter((name) => !name.startsWith('new/'))).toEqual(
    ['Dir/x', 'Readme', 'a', 'good', 'ok-link', 'sub/file', 'wasDir/x', 'wasFile'].sort(),
  )
  expect(tree.filter((name) => name.startsWith('new/'))).toHaveLength(1)
})

test('a link planted by one task and used by another is found when they meet', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'deep/er/keep': '1', 'x/y': '1' })
  const one = await doTask(world, 'one', (work) => symlinkSync('../..', join(work, 'deep/er/up')))
  const two = await doTask(world, 'two', (work) => symlinkSync('deep/er/up/../secret', join(work, 'l')))
  expect([one.refused, two.refused]).toEqual([[], []])
  await expect(cutTask(world, 'three', { from: [one.commit!, two.commit!] })).rejects.toThrow(
    /leaves the workspace: l/,
  )
  await mergeTask(world, 'one', one.commit!)
  await mergeTask(world, 'two', two.commit!)
  expect(await world.workspaces.apply(world.run)).toMatchObject({ status: 'refused' })
})

test('deep nesting, endless folders and taken permissions neither hang nor break anything', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1', 'locked/x': '1', unread: '1' })
  const { path, commit: cut } = await cutTask(world, 'deep')
  sh(path, 'n=$(printf "d%.0s" {1..200}); for i in {1..30}; do mkdir $n; cd $n; done; echo 1 > bottom')
  writeFiles(path, { 'locked/new': '1', unread: '2' })
  if (asRoot) execFileSync('chown', ['-R', agentUser().join(':'), path])
  chmodSync(join(path, 'locked'), 0)
  chmodSync(join(path, 'unread'), 0)
  const result = await commitTask(world, 'deep', cut)
  expect(result.refused).toEqual([expect.stringMatching(/^path too long: d{200}/)])
  expect(Object.keys(treeOf(world, result.commit!))).toEqual(['a', 'locked/new', 'locked/x', 'unread'])
  await world.workspaces.remove(world.run, attempt(world, 'deep'))
  expect(existsSync(path)).toBe(false)
})

test('what is outside the clone cannot be reached through it', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'd/f': '1' })
  const { path, commit: cut } = await cutTask(world, 'one')
  mkdirSync(join(world.folder, 'outside'))
  writeFileSync(join(world.folder, 'outside/f'), 'secret')
  rmSync(join(path, 'd'), { recursive: true })
  symlinkSync(join(world.folder, 'outside'), join(path, 'd'))
  const before = fingerprint(join(world.folder, 'outside'))
  expect(await commitTask(world, 'one', cut)).toMatchObject({
    commit: null,
    refused: ['link leaves the workspace: d'],
  })
  await world.workspaces.remove(world.run, attempt(world, 'one'))
  expect(fingerprint(join(world.folder, 'outside'))).toEqual(before)
})
