import { spawn } from 'node:child_process'
import { type Commands, checked, textOf } from './commands.ts'
import { hostCommands } from './hostCommands.ts'
import { PointError } from './pointError.ts'

/**
 * Copies of points in a store elsewhere, by rclone and its own configuration: this program never sees what opens the
 * store. A copy counts once rclone has compared it.
 */
export interface RemoteStore {
  copy(folder: string, to: string, signal: AbortSignal): Promise<void>
  remove(at: string, signal: AbortSignal): Promise<void>
}

const COPY_LIMIT_MS = 6 * 3_600_000
const LIMIT_MS = 10 * 60_000
/** rclone asks nobody, and says what is wrong instead of trying for hours. */
const OPTIONS = [
  '--ask-password=false',
  '--retries=2',
  '--low-level-retries=3',
  '--contimeout=20s',
  '--log-level=ERROR',
]

export function rclone(program = 'rclone', commands: Commands = hostCommands(spawn)): RemoteStore {
  const run = async (args: readonly string[], limitMs: number, signal: AbortSignal): Promise<void> => {
    const call = { argv: [program, ...args], quiet: true, limitMs, signal }
    try {
      const open = await commands.open(call)
      for await (const _ of open.output) void _
      await checked(call, open)
    } catch (error) {
      throw explain(error, args.at(-1) ?? '')
    }
  }
  return {
    copy: async (folder, to, signal) => {
      await run(['copy', '--checksum', ...OPTIONS, '--', folder, to], COPY_LIMIT_MS, signal)
      await run(['check', '--one-way', ...OPTIONS, '--', folder, to], COPY_LIMIT_MS, signal)
    },
    remove: async (at, signal) => {
      // `purge` of what is not there is an error; a look tells the two apart.
      const call = { argv: [program, 'lsf', ...OPTIONS, '--', at], limitMs: LIMIT_MS, signal }
      const there = await textOf(commands, call).then(
        () => true,
        (error: Error) => {
          if (/not found/i.test(error.message)) return false
          throw explain(error, at)
        },
      )
      if (there) await run(['purge', ...OPTIONS, '--', at], LIMIT_MS, signal)
    },
  }
}

function explain(error: unknown, at: string): unknown {
  if (!(error instanceof PointError)) return error
  const missing = /cannot be (?:started|run)/.test(error.message)
  const remedy = missing
    ? 'Install it (Debian: apt-get install rclone) and set the store up with "rclone config".'
    : `Look whether "rclone lsd ${at}" works.`
  return new PointError(error.message.replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /g, ''), remedy, {
    cause: error,
  })
}
