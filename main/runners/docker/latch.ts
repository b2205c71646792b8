import { chownSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ALREADY_STARTED_EXIT } from '../../engine/ports/runner.ts'

/** Where the attempt's exchange folder is inside. */
export const EXCHANGE = '/amphitheatre'
/** Where the folder of the agent's door is inside. */
export const DOOR = '/run/amphitheatre'
const LATCH = 'started'
const AGAIN = 'started-again'

/** The image's own programs first: a door brings what no image has. Where there is no door the folder is missing. */
export const ADD_DOOR_PATH = `PATH="\${PATH:+$PATH:}${DOOR}/bin"; export PATH`

/**
 * The container's own main process. The latch is made with O_EXCL (noclobber) in a folder that outlives the
 * container, so of any number of starts only one runs the command, whoever asked for them and whatever the daemon
 * went through. Shell builtins only: the image need not have more than `sh`. The command is `$1`, never part of
 * the script, so no quoting can break it. A terminal gets its size before the command looks at it.
 */
const SCRIPT = [
  'set -C',
  `true 2>/dev/null >${EXCHANGE}/${LATCH} || {`,
  // The mark tells this end from that of a command which itself ends with the same code.
  `  [ -e ${EXCHANGE}/${LATCH} ] && { set +C; : >${EXCHANGE}/${AGAIN}; exit ${ALREADY_STARTED_EXIT}; }`,
  `  echo 'amphitheatre: cannot write ${EXCHANGE}' >&2; exit 126; }`,
  'set +C',
  '[ -z "$2" ] || stty cols "$2" rows "$3" 2>/dev/null',
  ADD_DOOR_PATH,
  'exec sh -c "$1"',
].join('\n')

/** What Docker runs for a command. */
export function latchedCommand(
  command: string,
  tty: { readonly columns: number; readonly rows: number } | null,
): string[] {
  const size = tty === null ? [] : [String(tty.columns), String(tty.rows)]
  return ['sh', '-c', SCRIPT, 'amphitheatre', command, ...size]
}

/** Makes the exchange folder, writable for the agent's user. Two system calls: not worth a trip to another thread. */
export function prepareExchange(exchange: string, uid: number, gid: number): void {
  mkdirSync(exchange, { recursive: true, mode: 0o700 })
  if (process.getuid?.() === 0) chownSync(exchange, uid, gid)
}

/** When the command was started, ms since 1970; undefined where it was not (or the agent removed the latch). */
export function latchedAt(exchange: string): number | undefined {
  return statSync(join(exchange, LATCH), { throwIfNoEntry: false })?.mtimeMs
}
