import type { OutputFile } from '../../engine/ports/agentFiles.ts'
import { OutputLog, type OutputLogOptions } from './segments.ts'

/**
 * Opens output folders. While an agent runs, whoever takes its output and whoever watches share one log, so that
 * readers see what is appended at once; afterwards each reader opens the folder for itself.
 */
export function createOutputFiles(options: OutputLogOptions = {}): (folder: string) => OutputFile {
  const writing = new Map<string, OutputLog>()
  return (folder) => outputFile(folder, writing, options)
}

function outputFile(folder: string, writing: Map<string, OutputLog>, options: OutputLogOptions): OutputFile {
  let own: OutputLog | undefined
  const log = (): OutputLog => {
    const shared = writing.get(folder)
    if (shared !== undefined) return shared
    own ??= OutputLog.open(folder, options)
    return own
  }
  return {
    size: async () => log().size,
    append: async (data) => {
      if (own === undefined || writing.get(folder) !== own) {
        own = log()
        writing.set(folder, own)
      }
      own.append(data)
    },
    read: async (from, limit) => {
      const { offset, bytes } = log().read(from, limit)
      return { offset, data: bytes }
    },
    changed: (size, signal) => changed(log(), size, signal),
    close: async () => {
      if (own === undefined) return
      if (writing.get(folder) === own) {
        own.sync()
        writing.delete(folder)
      }
      own.close()
      own = undefined
    },
  }
}

async function changed(log: OutputLog, size: number, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of log.follow(size, signal, 1)) return
  } catch {
    // Aborted: the caller looks at its signal.
  }
}
