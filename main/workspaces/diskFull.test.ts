import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  commitTask,
  cutTask,
  makeCommit,
  makeWorld,
  mergeTask,
  type World,
  writeFiles,
} from './testHelpers.ts'

/** A data folder of its own small file system; undefined where this machine does not let us mount one. */
function smallDisk(world: World, megabytes: number): Disposable | undefined {
  mkdirSync(world.dataDir)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', world.dataDir], {
      stdio: 'pipe',
    })
  } catch {
    return undefined
  }
  return { [Symbol.dispose]: () => void execFileSync('umount', [world.dataDir]) }
}

/** Takes all the space there is; removing the file gives it back. */
function fill(world: World): string {
  const path = join(world.dataDir, 'ballast')
  try {
    writeFileSync(path, Buffer.alloc(64 * 1024 * 1024))
  } catch {
    // Full, as wanted.
  }
  return path
}

test('a full disk is said to be one at every step, and each goes on when there is space again', async ({
  skip,
}) => {
  using world = makeWorld()
  makeCommit(world.root, {
    '.gitignore': 'out\n',
    ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f${n}`, randomBytes(20_000)])),
  })
  using disk = smallDisk(world, 8)
  if (disk === undefined) return skip('cannot mount a tmpfs here')
  const full = { name: 'WorkspaceError', kind: 'disk-full' }
  mkdirSync(join(world.dataDir, 'projects'))
  let ballast = fill(world)
  await expect(world.workspaces.prepareRun(world.run)).rejects.toMatchObject(full)
  rmSync(ballast)
  await world.workspaces.prepareRun(world.run)
  ballast = fill(world)
  await expect(cutTask(world, 'one')).rejects.toMatchObject(full)
  rmSync(ballast)
  const { path, commit: cut } = await cutTask(world, 'one')
  writeFiles(path, { f1: randomBytes(30_000), out: randomBytes(30_000) })
  ballast = fill(world)
  await expect(commitTask(world, 'one', cut)).rejects.toMatchObject(full)
  rmSync(ballast)
  const result = await commitTask(world, 'one', cut)
  expect(result).toMatchObject({ changed: 1, artifacts: expect.any(String) })
  expect((await mergeTask(world, 'one', result.commit!)).status).toBe('merged')
  const left = readdirSync(join(world.dataDir, 'projects/demo')).filter((name) => name.startsWith('.'))
  expect(left).toEqual([])
  expect(existsSync(join(world.dataDir, 'projects/demo/artifacts', result.artifacts!))).toBe(true)
})
