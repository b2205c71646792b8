import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attemptId, runId, taskId } from '../../domain/ids.ts'
import { DoorFolders, MAX_SOCKET_PATH_BYTES, SOCKET } from './folders.ts'

const ATTEMPT = attemptId(runId('r1'), taskId('x'.repeat(64)), 12)
let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'amphi-folders-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function folders(more: Partial<ConstructorParameters<typeof DoorFolders>[0]> = {}): DoorFolders {
  return new DoorFolders({
    base: join(root, 'd'),
    install: 'i',
    clients: join(root, 'c'),
    passable: false,
    ...more,
  })
}

test('a folder is short, the same every time, and another for every attempt and install', async () => {
  const path = folders({ base: '/tmp/amphitheatre-doors-4294967294' }).of(ATTEMPT)
  expect(Buffer.byteLength(join(path, SOCKET))).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES)
  expect(folders().of(ATTEMPT)).toBe(folders().of(ATTEMPT))
  expect(folders({ install: 'j' }).of(ATTEMPT)).not.toBe(folders().of(ATTEMPT))
  expect(() => folders({ base: `/${'x'.repeat(80)}` })).toThrow('too long')
})

test.each([
  [false, 0o700],
  [true, 0o711],
])('others may pass through only where agents are another user (%s)', async (passable, mode) => {
  const path = await folders({ passable }).make(ATTEMPT)
  expect(statSync(join(root, 'd')).mode & 0o777).toBe(mode)
  expect(statSync(path).mode & 0o777).toBe(0o755)
})

test('clients are put in place, runnable, and the newer one over an older; none is no harm', async () => {
  const path = await folders().make(ATTEMPT)
  mkdirSync(join(root, 'c'))
  for (const text of ['one', 'two']) {
    writeFileSync(join(root, 'c', 'amphi-agent'), text)
    await folders().make(ATTEMPT)
    expect(readFileSync(join(path, 'bin', 'amphi-agent'), 'utf8')).toBe(text)
  }
  expect(statSync(join(path, 'bin', 'amphi-agent')).mode & 0o777).toBe(0o755)
})

test('a link or a file where the base should be is not used', async () => {
  symlinkSync('/tmp', join(root, 'd'))
  await expect(folders().make(ATTEMPT)).rejects.toThrow('not a folder')
})

test('a base that has been opened to others is closed again', async () => {
  mkdirSync(join(root, 'd'))
  chmodSync(join(root, 'd'), 0o777)
  await folders().make(ATTEMPT)
  expect(statSync(join(root, 'd')).mode & 0o777).toBe(0o700)
})
