import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of its own, as small as wanted. */
export interface SmallDisk extends Disposable {
  readonly folder: string
  /** Takes all space but `bytes`. */
  fillUpTo(bytes: number): void
  /** Gives it back. */
  free(): void
}

/** Mounts a tmpfs under `folder`; undefined where this user may not. */
export function mountSmallDisk(folder: string, bytes: number): SmallDisk | undefined {
  const mount = join(folder, 'disk')
  mkdirSync(mount)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', mount], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  const filler = join(mount, 'filler')
  return {
    folder: mount,
    fillUpTo: (left) => fill(filler, mount, left),
    free: () => rmSync(filler, { force: true }),
    [Symbol.dispose]: () => {
      execFileSync('umount', [mount])
    },
  }
}

const PAGE = Buffer.alloc(4096, 1)

function fill(filler: string, mount: string, left: number): void {
  const fd = openSync(filler, 'a')
  try {
    for (let { bavail, bsize } = statfsSync(mount); bavail * bsize > left; ) {
      writeSync(fd, PAGE)
      ;({ bavail, bsize } = statfsSync(mount))
    }
  } finally {
    closeSync(fd)
  }
}
