import { COVER } from './passage.ts'

/** From a command to the program that is started for it, with everything that has to happen in between. */
export interface Launch {
  readonly shell: string
  readonly command: string
  /** Joined by the process itself, so that nothing it starts can be outside; null for none. */
  readonly cgroup: string | null
  /** Who it is to be; null: who starts it. */
  readonly owner: { readonly uid: number; readonly gid: number } | null
  /** Arguments for a view of the file system of its own; empty for none. */
  readonly cover: readonly string[]
  /** Tools of the system; undefined where there are none. */
  readonly setpriv: string | undefined
  readonly unshare: string | undefined
}

/** The command is an argument all along, never part of a script, so no quoting can break it. */
const JOIN = 'echo 0 >"$1/cgroup.procs" || exit 126; shift; exec "$@"'

/** What the agent's standard streams are may be opened again by name (/dev/stderr) by their owner only. */
const GIVE_TERMINAL = '[ ! -t 0 ] || chown "$1" "$(tty)"; shift; exec "$@"'

export function launchOf(launch: Launch): { readonly file: string; readonly args: readonly string[] } {
  const words = [...joining(launch), ...covering(launch), ...becoming(launch)]
  const [file, ...args] = [...words, launch.shell, '-c', launch.command]
  return { file: file!, args }
}

function joining({ shell, cgroup }: Launch): readonly string[] {
  return cgroup === null ? [] : [shell, '-c', JOIN, 'amphitheatre', cgroup]
}

function covering({ shell, cover, unshare }: Launch): readonly string[] {
  if (cover.length === 0) return []
  return [unshare!, '-m', '--propagation', 'private', shell, '-c', COVER, 'amphitheatre', ...cover]
}

/** `setpriv` also keeps set-user-id programs from giving the agent more than it starts with. */
function becoming({ shell, owner, setpriv }: Launch): readonly string[] {
  if (setpriv === undefined) return []
  if (owner === null) return [setpriv, '--no-new-privs']
  const user = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', '--inh-caps=-all']
  return [shell, '-c', GIVE_TERMINAL, 'amphitheatre', String(owner.uid), setpriv, ...user, '--no-new-privs']
}
