import { homedir, userInfo } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** Where everything is kept: `--data`, else AMPHITHEATRE_DATA, else the user's data folder. */
export function dataDirFor(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const given = option ?? env.AMPHITHEATRE_DATA
  if (given !== undefined && given !== '') return resolve(given)
  if (process.platform === 'win32') {
    return join(env.LOCALAPPDATA ?? join(home(), 'AppData', 'Local'), 'amphitheatre')
  }
  // The XDG rules: a relative path is as if it were not set.
  const xdg = env.XDG_DATA_HOME
  if (xdg?.startsWith('/') === true) return join(xdg, 'amphitheatre')
  return join(home(), '.local', 'share', 'amphitheatre')
}

/** An empty or relative HOME would put the data into whatever folder the command was typed in. */
function home(): string {
  const named = homedir()
  return isAbsolute(named) ? named : userInfo().homedir
}
