import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** Programs of the system that the launching of agents rests on. */

const USUAL = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin']

/** The program's path, looked for in the usual places and then on the engine's PATH; undefined if it is nowhere. */
export function findTool(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [...USUAL, ...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')]
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

/** The shell commands are given to: `sh`; on Windows the one that comes with git. */
export function findShell(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (process.platform !== 'win32') return existsSync('/bin/sh') ? '/bin/sh' : findTool('sh', env)
  const onPath = (env.PATH ?? env['Path'] ?? '').split(delimiter)
  const besideGit = onPath
    .filter((folder) => existsSync(join(folder, 'git.exe')))
    // git is in `cmd` or `bin` of its folder, or in `mingw64/bin`.
    .flatMap((folder) => [join(folder, '..', 'bin'), join(dirname(dirname(folder)), 'bin')])
  const programs = [env['ProgramFiles'], env['LOCALAPPDATA'] && join(env['LOCALAPPDATA'], 'Programs')]
  const installed = programs.flatMap((folder) => (folder ? [join(folder, 'Git', 'bin')] : []))
  return [...besideGit, ...installed, ...onPath].map((folder) => join(folder, 'sh.exe')).find(existsSync)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
