import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { RunnerHealth } from './engine/ports/runner.ts'

/** What of this machine can be looked at and mended without an engine: for `amphi doctor`. */

export type AgentImage =
  | { readonly present: true; readonly name: string; readonly bytes: number }
  | { readonly present: false; readonly name: string }

class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
  readonly remedy = 'Choose a folder you may write, with --data or AMPHITHEATRE_DATA.'
}

/**
 * Makes the data folder, which only its user may enter, with what is missing above it. Throws DataFolderError. Not by
 * `recursive: true`: Node then tries for ever where a folder cannot be made though its parent is there (/proc).
 */
export function makeDataFolder(dataDir: string): void {
  const folder = resolve(dataDir)
  try {
    make(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in the way' : code
    throw new DataFolderError(`The data folder ${folder} cannot be made: ${why}.`)
  }
}

function make(folder: string): void {
  if (isFolder(folder)) return
  if (dirname(folder) !== folder) make(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have made it in the meantime.
    if (!isFolder(folder)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** Can Docker be used? Never throws. */
export async function dockerHealth(): Promise<RunnerHealth> {
  const { createDockerRunner } = await import('./runners/docker/runner.ts')
  const runner = createDockerRunner({ install: 'doctor', uid: 1000, gid: 1000 })
  try {
    return await runner.check()
  } finally {
    await runner.close()
  }
}

/** Is the agents' image there? Throws when Docker does not answer. */
export async function agentImage(): Promise<AgentImage> {
  const { AGENT_IMAGE: name } = await import('./runners/docker/agentImage.ts')
  const { connectDocker, statusOf } = await import('./runners/docker/client.ts')
  const { docker, close } = connectDocker()
  try {
    const { Size } = await docker.getImage(name).inspect()
    return { present: true, name, bytes: Size }
  } catch (error) {
    if (statusOf(error) === 404) return { present: false, name }
    throw error
  } finally {
    close()
  }
}

export async function buildAgentImage(onProgress: (line: string) => void): Promise<void> {
  const { ensureDefaultImage } = await import('./runners/docker/ensureDefaultImage.ts')
  await ensureDefaultImage(onProgress)
}

/** What names a process of this machine for ever; undefined where none has this number. */
export { processRef } from './runners/process/handProcesses.ts'
