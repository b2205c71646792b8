import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A file that is kept beside a package's archive, since what is not Electron cannot read inside. */
export function outsideArchive(path: string): string {
  return path.replace(/app\.asar(?=[/\\])/, 'app.asar.unpacked')
}

/**
 * The Node that agents' supervisors run on: Electron's own binary refuses to be one (its `runAsNode` fuse is off), and
 * what runs in Electron's processes would not outlive the program. It is the one the program brings along as a
 * package; where there is none for this system, the one on the person's path.
 */
export function findNode(): string {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  try {
    const load = createRequire(import.meta.url)
    const folder = dirname(load.resolve(`node-${system}-${process.arch}/package.json`))
    const program = outsideArchive(join(folder, file))
    if (existsSync(program)) return program
  } catch {
    // Not one of the systems it comes for.
  }
  return 'node'
}
