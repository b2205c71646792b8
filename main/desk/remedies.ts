import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Check } from '../../preload/contract.ts'

/** What can be done about something that is missing, on the system at hand. */

export type Fix = NonNullable<Check['fix']>

/** As much of a machine as remedies depend on. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly root: boolean
  /** The text of /etc/os-release (freedesktop.org); empty where there is none. */
  readonly osRelease: string
  /** A service manager that starts daemons. */
  readonly systemd: boolean
  /** The person has pointed Docker's clients elsewhere. */
  readonly dockerHost: boolean
  /** The daemon's program, or the application that runs it; undefined where it is not installed. */
  readonly docker: string | undefined
  /** The daemon's socket is there and this user may not use it. */
  readonly socketClosed: boolean
}

function thisMachine(): Machine {
  const { platform, env } = process
  return {
    platform,
    root: process.getuid?.() === 0,
    osRelease: textOf('/etc/os-release'),
    systemd: existsSync('/run/systemd/system'),
    dockerHost: (env['DOCKER_HOST'] ?? '') !== '',
    docker: dockerPlaces(platform, env).find((path) => existsSync(path)),
    socketClosed: existsSync(SOCKET) && !mayUse(SOCKET),
  }
}

const SOCKET = '/var/run/docker.sock'

function dockerPlaces(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): readonly string[] {
  if (platform === 'darwin') return ['/Applications/Docker.app']
  if (platform === 'win32') {
    return [join(env['PROGRAMFILES'] ?? 'C:\\Program Files', 'Docker\\Docker\\Docker Desktop.exe')]
  }
  // Daemons are often kept off the path of users.
  const folders = ['/usr/sbin', '/usr/bin', '/usr/local/bin', ...(env['PATH'] ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, 'dockerd'))
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function mayUse(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** How a system installs packages. */
export interface Installer {
  /** Asks for the newest list of packages; without it a fresh system finds none. */
  readonly refresh?: string
  /** Before the names of packages. */
  readonly install: string
  readonly docker: string
  readonly git: string
}

const INSTALLERS: Readonly<Record<string, Installer>> = {
  debian: {
    refresh: 'apt-get update',
    install: 'apt-get install -y',
    docker: 'docker.io iptables',
    git: 'git',
  },
  fedora: { install: 'dnf install -y', docker: 'moby-engine', git: 'git' },
  arch: { install: 'pacman -S --noconfirm', docker: 'docker', git: 'git' },
  suse: { install: 'zypper install -y', docker: 'docker', git: 'git' },
  alpine: { install: 'apk add', docker: 'docker', git: 'git' },
}

/** From the text of /etc/os-release; undefined for a system not known here. */
export function installerOf(osRelease: string): Installer | undefined {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? ''
  for (const id of [value('ID'), ...value('ID_LIKE').split(' ')]) {
    const family = id === 'ubuntu' ? 'debian' : id === 'rhel' ? 'fedora' : id.replace(/^opensuse.*/, 'suse')
    const found = INSTALLERS[family]
    if (found !== undefined) return found
  }
  return undefined
}

export function gitFix(machine: Machine = thisMachine()): Fix | null {
  if (machine.platform === 'darwin') return copy('xcode-select --install')
  if (machine.platform === 'win32') return copy('winget install --id Git.Git')
  return install(machine, 'git')
}

/** Null where nothing is known that helps; what the check says is all there is then. */
export function dockerFix(machine: Machine = thisMachine()): Fix | null {
  const { platform, docker, dockerHost } = machine
  // Starting a daemon here changes nothing for clients that ask elsewhere.
  if (dockerHost) return null
  if (platform === 'darwin') {
    return docker === undefined ? copy('brew install --cask docker') : run(START, 'open -a Docker')
  }
  if (platform === 'win32') {
    return docker === undefined
      ? copy('winget install --id Docker.DockerDesktop')
      : run(START, `start "" "${docker}"`)
  }
  return docker === undefined ? install(machine, 'docker') : startDaemon(machine)
}

const START = 'Start Docker'
/** The daemon itself, where there is no service manager; `mend` starts it in a session of its own. */
export const DAEMON = 'dockerd'

/** The daemon is there: it does not run, or it does not let this user in. */
function startDaemon({ root, systemd, socketClosed }: Machine): Fix {
  if (socketClosed) return copy('sudo usermod -aG docker "$USER"')
  if (root) return run(START, systemd ? 'systemctl start docker' : DAEMON)
  return copy(systemd ? 'sudo systemctl start docker' : `sudo sh -c '${DAEMON} >/dev/null 2>&1 &'`)
}

/** Root may install at once; everybody else gets the command. */
function install({ osRelease, root, systemd }: Machine, what: 'docker' | 'git'): Fix | null {
  const found = installerOf(osRelease)
  if (found === undefined) return null
  const steps = [...(found.refresh === undefined ? [] : [found.refresh]), `${found.install} ${found[what]}`]
  // Debian's packages start what they install; others wait to be told.
  if (what === 'docker' && systemd && found.refresh === undefined) steps.push('systemctl enable --now docker')
  if (root) return run('Install', steps.join(' && '))
  return copy(steps.map((step) => `sudo ${step}`).join(' && '))
}

function run(label: string, command: string): Fix {
  return { how: 'run', label, command }
}

function copy(command: string): Fix {
  return { how: 'copy', label: 'Copy command', command }
}
