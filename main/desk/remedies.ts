import { existsSync, readFileSync } from 'node:fs'
import type { Check } from '../../preload/contract.ts'

/** What can be done about something that is missing, on the system at hand. */

type Fix = NonNullable<Check['fix']>

/** How a system installs packages. */
export interface Installer {
  /** Before the names of packages. */
  readonly command: string
  readonly docker: string
  readonly git: string
}

const INSTALLERS: Readonly<Record<string, Installer>> = {
  debian: { command: 'apt-get install -y', docker: 'docker.io iptables', git: 'git' },
  fedora: { command: 'dnf install -y', docker: 'moby-engine', git: 'git' },
  arch: { command: 'pacman -S --noconfirm', docker: 'docker', git: 'git' },
  suse: { command: 'zypper install -y', docker: 'docker', git: 'git' },
  alpine: { command: 'apk add', docker: 'docker', git: 'git' },
}

/** From the text of /etc/os-release (freedesktop.org); undefined for a system not known here. */
export function installerOf(osRelease: string): Installer | undefined {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? ''
  for (const id of [value('ID'), ...value('ID_LIKE').split(' ')]) {
    const family = id === 'ubuntu' ? 'debian' : id === 'rhel' ? 'fedora' : id.replace(/^opensuse.*/, 'suse')
    const found = INSTALLERS[family]
    if (found !== undefined) return found
  }
  return undefined
}

function installer(): Installer | undefined {
  try {
    return installerOf(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return undefined
  }
}

export async function gitFix(): Promise<Fix | null> {
  if (process.platform === 'darwin') return copy('xcode-select --install')
  if (process.platform === 'win32') return copy('winget install --id Git.Git')
  const found = installer()
  return found === undefined ? null : install(`${found.command} ${found.git}`)
}

export async function dockerFix(): Promise<Fix | null> {
  if (process.platform === 'darwin') {
    if (existsSync('/Applications/Docker.app')) return run('Start Docker', 'open -a Docker')
    return copy('brew install --cask docker')
  }
  if (process.platform === 'win32') return copy('winget install --id Docker.DockerDesktop')
  if (hasDockerd()) return startDocker()
  const found = installer()
  return found === undefined ? null : install(`${found.command} ${found.docker}`)
}

function hasDockerd(): boolean {
  const places = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd']
  return places.some((place) => existsSync(place))
}

/** The daemon is there: it does not run, or it does not let this user in. */
function startDocker(): Fix {
  if (existsSync('/var/run/docker.sock') && process.getuid?.() !== 0) {
    return copy('sudo usermod -aG docker "$USER" && newgrp docker')
  }
  const systemd = existsSync('/run/systemd/system')
  const command = systemd ? 'systemctl start docker' : 'dockerd'
  if (process.getuid?.() === 0) return run('Start Docker', command)
  return copy(systemd ? `sudo ${command}` : `sudo sh -c '${command} >/dev/null 2>&1 &'`)
}

/** Root may install at once; everybody else gets the command. */
function install(command: string): Fix {
  return process.getuid?.() === 0 ? run('Install', command) : copy(`sudo ${command}`)
}

function run(label: string, command: string): Fix {
  return { how: 'run', label, command }
}

function copy(command: string): Fix {
  return { how: 'copy', label: 'Copy command', command }
}
