import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectId } from '../domain/ids.ts'
import { attempt, cutTask, makeCommit, makeWorld, type World, writeFiles } from './testHelpers.ts'

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const stored = (world: World): string => join(world.dataDir, 'projects', 'demo', 'artifacts')
const PROJECT = projectId('demo')
const LIMIT = 1_000

const publish = (world: World, path: string, maxBytes = LIMIT) =>
  world.workspaces.publish(world.run, attempt(world, 'one'), path, maxBytes)

/** A clone whose agent planted every kind of trap. */
async function trapped(world: World): Promise<string> {
  makeCommit(world.root, { 'src/a': 'a' })
  mkdirSync(join(world.folder, 'host'))
  writeFileSync(join(world.folder, 'host', 'secret'), 'secret')
  const { path } = await cutTask(world, 'one')
  writeFiles(path, { 'src/é b': 'text', big: 'x'.repeat(LIMIT + 1), exact: 'x'.repeat(LIMIT), empty: '' })
  const script = `mkfifo fifo; ln -s src/a inside; ln -s ${world.folder}/host/secret link; ln -s ${world.folder}/host out
    ln -s src folder; printf x > $'line\\nbreak'; mkdir -p sub/.git; echo x > sub/.git/config`
  execFileSync('bash', ['-c', script], { cwd: path })
  return path
}

const REFUSED = {
  link: 'link',
  'a link inside': 'inside',
  'a link on the way': 'out/secret',
  'a link on the way, inside': 'folder/a',
  'a FIFO': 'fifo',
  'a folder': 'src',
  nothing: 'src/none',
  'below a file': 'src/a/b',
  upwards: '../one-1/cut.json',
  'upwards inside': 'src/../src/a',
  absolute: '/etc/passwd',
  'the repository’s own': '.git/config',
  'a nested repository': 'sub/.git/config',
  'written otherwise': '.GIT/config',
  'control characters': 'line\nbreak',
  'a dot': './src/a',
  'the workspace': '',
  'a NUL': 'src/a\0',
  'too long a name': 'x'.repeat(300),
} as const

describe('what is published', () => {
  test('a file is stored by its content, once, and found again by it', async () => {
    using world = makeWorld()
    await trapped(world)
    expect(await publish(world, 'src/é b')).toEqual({ hash: sha256('text'), bytes: 4 })
    expect(await publish(world, 'src/é b')).toEqual({ hash: sha256('text'), bytes: 4 })
    expect(await publish(world, 'exact')).toMatchObject({ bytes: LIMIT })
    expect(await publish(world, 'empty')).toEqual({ hash: sha256(''), bytes: 0 })
    const found = await world.workspaces.artifactPath(PROJECT, sha256('text'))
    expect(readFileSync(found!, 'utf8')).toBe('text')
    expect(readdirSync(stored(world))).toHaveLength(3)
  })

  test.each(Object.entries(REFUSED))('%s is refused', async (_name, path) => {
    using world = makeWorld()
    await trapped(world)
    const refusal = publish(world, path)
    await expect(refusal).rejects.toMatchObject({ name: 'WorkspaceError', kind: 'permanent' })
    await expect(refusal).rejects.toThrow(/published|no file/)
    expect(await world.workspaces.missing(world.run, attempt(world, 'one'), ['src/a', path])).toEqual([path])
  })

  test('one that is too large is refused, and nothing of it stays', async () => {
    using world = makeWorld()
    await trapped(world)
    await expect(publish(world, 'big')).rejects.toThrow('big is larger than 1000 bytes')
    expect(existsSync(stored(world))).toBe(false)
  })

  test('a file of a terabyte that takes no room is refused unread', async () => {
    using world = makeWorld()
    await trapped(world)
    const { path } = await cutTask(world, 'two')
    writeFiles(path, { vast: '' })
    truncateSync(join(path, 'vast'), 1e12)
    await expect(world.workspaces.publish(world.run, attempt(world, 'two'), 'vast', 1e11)).rejects.toThrow(
      'vast is larger than 100000000000 bytes',
    )
  })

  test('of an attempt without a clone every path is missing, and none can be published', async () => {
    using world = makeWorld()
    await trapped(world)
    await world.workspaces.remove(world.run, attempt(world, 'one'))
    await expect(publish(world, 'src/a')).rejects.toMatchObject({ kind: 'permanent' })
    expect(await world.workspaces.missing(world.run, attempt(world, 'one'), ['src/a'])).toEqual(['src/a'])
  })
})

describe('what is uploaded', () => {
  async function* bytes(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }

  test('many at once of the same content are one file, whole at every moment', async () => {
    using world = makeWorld()
    const chunks = Array.from({ length: 50 }, (_, i) => `chunk ${i} `)
    const hash = sha256(chunks.join(''))
    const all = Array.from({ length: 20 }, () =>
      world.workspaces.putArtifact(PROJECT, bytes(...chunks), 10_000),
    )
    for (const one of all) expect(await one).toEqual({ hash, bytes: chunks.join('').length })
    expect(readdirSync(stored(world))).toEqual([hash])
  })

  test('it is not there before its last byte, and not at all when its sender breaks off', async () => {
    using world = makeWorld()
    const [first, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half ')
      first.resolve()
      await rest.promise
      yield Buffer.from('whole')
    }
    const put = world.workspaces.putArtifact(PROJECT, slow(), LIMIT)
    await first.promise
    for (const content of ['half ', 'half whole'])
      expect(await world.workspaces.artifactPath(PROJECT, sha256(content))).toBeUndefined()
    rest.resolve()
    const { hash } = await put
    expect(await world.workspaces.artifactPath(PROJECT, hash)).toBe(join(stored(world), hash))
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('part')
      throw new Error('the sender is gone')
    }
    await expect(world.workspaces.putArtifact(PROJECT, broken(), LIMIT)).rejects.toThrow('the sender is gone')
    expect(readdirSync(stored(world))).toEqual([hash])
  })

  test('too much of it is refused as it comes', async () => {
    using world = makeWorld()
    let asked = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        asked++
        yield Buffer.alloc(100)
      }
    }
    const put = world.workspaces.putArtifact(PROJECT, endless(), LIMIT)
    await expect(put).rejects.toMatchObject({ kind: 'permanent' })
    expect(asked).toBe(11)
    expect(readdirSync(stored(world))).toEqual([])
  })

  test.each(['', '../x', 'A'.repeat(64), `${'a'.repeat(63)}/`, '.new-x', '/etc/passwd'])(
    'nothing is found under %j',
    async (hash) => {
      using world = makeWorld()
      await world.workspaces.putArtifact(PROJECT, bytes('x'), LIMIT)
      expect(await world.workspaces.artifactPath(PROJECT, hash)).toBeUndefined()
    },
  )
})
