import { constants } from 'node:fs'
import { access, chown, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type AttemptId, type ProjectId, parseAttemptId } from '../domain/ids.ts'
import type { AgentFiles, OutputFile, OutputsResult } from '../engine/ports/agentFiles.ts'
import { MAX_OUTPUTS_BYTES, parseOutputs } from './outputs.ts'

/** The start latch inside the exchange folder; made by the first start and by no other. */
const LATCH = 'started'
/** Left by a start that found the latch set. */
const AGAIN = 'started-again'
const OUTPUTS = 'output'

export interface AgentFilesOptions {
  readonly dataDir: string
  /** Who the agent is on the host; the exchange folder belongs to it. */
  readonly uid: number
  readonly gid: number
  readonly openOutput: (folder: string) => OutputFile
}

/** An attempt's folder in the data folder: `exchange` (what the agent sees at /amphitheatre) and `output`. */
export function createAgentFiles(options: AgentFilesOptions): AgentFiles {
  const exchange = (project: ProjectId, attempt: AttemptId): string =>
    join(attemptFolder(options.dataDir, project, attempt), 'exchange')
  return {
    prepareExchange: async (project, attempt) => {
      const folder = exchange(project, attempt)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      if (process.getuid?.() === 0) await chown(folder, options.uid, options.gid)
      return folder
    },
    wasStarted: async (project, attempt) => exists(join(exchange(project, attempt), LATCH)),
    wasStartedAgain: async (project, attempt) => exists(join(exchange(project, attempt), AGAIN)),
    readOutputs: (project, attempt) => readOutputs(join(exchange(project, attempt), OUTPUTS)),
    removeExchange: async (project, attempt) => {
      await rm(exchange(project, attempt), { recursive: true, force: true })
    },
    output: (project, attempt) =>
      options.openOutput(join(attemptFolder(options.dataDir, project, attempt), 'output')),
  }
}

function attemptFolder(dataDir: string, project: ProjectId, attempt: AttemptId): string {
  const { run, task, attempt: n } = parseAttemptId(attempt)!
  return join(dataDir, 'projects', project, 'agents', run, `${task}-${n}`)
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

/** The file is the agent's to write: it may be a link, a pipe, or far too large. */
async function readOutputs(path: string): Promise<OutputsResult> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ok: true, outputs: {} }
    return { ok: false, error: `its outputs cannot be read (${(error as NodeJS.ErrnoException).code})` }
  }
  try {
    const stats = await file.stat()
    if (!stats.isFile()) return { ok: false, error: '$AMPHITHEATRE_OUTPUT is not a regular file any more' }
    if (stats.size > MAX_OUTPUTS_BYTES) {
      return {
        ok: false,
        error: `its outputs are larger than ${MAX_OUTPUTS_BYTES / 1024} KiB; write results to a file and name it in writes`,
      }
    }
    const buffer = Buffer.alloc(stats.size)
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return parseOutputs(buffer.subarray(0, bytesRead).toString('utf8'))
  } finally {
    await file.close()
  }
}
