import { existsSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type Docker from 'dockerode'
import type { AgentSpec } from '../../engine/ports/runner.ts'
import { agentLabels } from './labels.ts'
import { DOOR, EXCHANGE, latchedCommand } from './latch.ts'

/** What the runner knows besides the agent's own wishes. */
export interface Host {
  readonly install: string
  readonly uid: number
  readonly gid: number
  /** CPU cores of the daemon's machine: asking for more is an error to Docker. */
  readonly cpus: number
  /** Network id, or `none`. */
  readonly network: string
}

const MIB = 1024 * 1024
const DEFAULTS = { cpus: 2, memoryBytes: 2048 * MIB, pids: 512 } as const
/** Below 6 MiB Docker refuses; below this nothing useful starts. */
const MIN_MEMORY = 16 * MIB
const WORKSPACE = '/workspace'
const CA_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
]
const CA_INSIDE = '/etc/ssl/certs/ca-certificates.crt'
/**
 * On a network without a way out: ask nobody about names that are not the run's own, so that no question leaves
 * the machine, and give up after a second, where the resolver would take twenty.
 */
const CLOSED_DNS = { Dns: ['127.0.0.1'], DnsOptions: ['timeout:1', 'attempts:1'] } as const

/**
 * The container of an agent: no capabilities, no new privileges, a root file system it cannot write, limits on
 * processes, memory and CPU, a user that is not root, and no more of the host than it is given here.
 */
export function containerOptions(spec: AgentSpec, host: Host): Docker.ContainerCreateOptions {
  const bundle = spec.network === 'internet' ? CA_BUNDLES.find((path) => existsSync(path)) : undefined
  return {
    Image: spec.image,
    Entrypoint: latchedCommand(spec.command, spec.tty),
    Cmd: [],
    User: `${host.uid}:${host.gid}`,
    WorkingDir: WORKSPACE,
    Env: environment(spec, bundle !== undefined),
    Labels: agentLabels(host.install, spec),
    Tty: spec.tty !== null,
    OpenStdin: spec.tty !== null,
    StdinOnce: false,
    StopSignal: 'SIGTERM',
    HostConfig: hostConfig(spec, host, bundle),
    ...(host.network === 'none'
      ? {}
      : { NetworkingConfig: { EndpointsConfig: { [host.network]: { Aliases: [spec.task] } } } }),
  }
}

function hostConfig(spec: AgentSpec, host: Host, bundle: string | undefined): Docker.HostConfig {
  const memory = Math.max(MIN_MEMORY, spec.resources.memoryBytes ?? DEFAULTS.memoryBytes)
  const cpus = Math.min(host.cpus, spec.resources.cpus ?? DEFAULTS.cpus)
  return {
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    Privileged: false,
    PidsLimit: spec.resources.pids ?? DEFAULTS.pids,
    Memory: memory,
    // The sum of memory and swap: the same as memory means no swap.
    MemorySwap: memory,
    NanoCpus: Math.max(1, Math.round(cpus * 100)) * 10_000_000,
    Init: true,
    IpcMode: 'private',
    RestartPolicy: { Name: 'no' },
    NetworkMode: host.network,
    ...(spec.network === 'run' ? { Dns: [...CLOSED_DNS.Dns], DnsOptions: [...CLOSED_DNS.DnsOptions] } : {}),
    Tmpfs: tmpfs(spec, host, memory),
    Mounts: mounts(spec, bundle),
    LogConfig: LOGS,
  }
}

/**
 * `json-file` and two files of 256 MB. Offsets in the output count bytes from its very beginning, and a reader
 * that comes back counts again from there, so nothing may be rotated away under ordinary use; but an agent that
 * prints without end must not fill the disk. (`local` would keep bytes that are not UTF-8, which this driver
 * replaces, but loses the line end of lines over 16 KiB.)
 */
const LOGS = { Type: 'json-file', Config: { 'max-size': '256m', 'max-file': '2' } } as const

function tmpfs(spec: AgentSpec, host: Host, memory: number): Record<string, string> {
  const size = Math.min(1024 * MIB, Math.floor(memory / 2))
  const options = `rw,exec,nosuid,nodev,size=${size}`
  const work =
    spec.workspace === null ? { [WORKSPACE]: `${options},mode=0700,uid=${host.uid},gid=${host.gid}` } : {}
  return { '/tmp': `${options},mode=1777`, ...work }
}

/** `Mounts`, not `Binds`: a missing folder is an error then, where `Binds` makes an empty one owned by root. */
function mounts(spec: AgentSpec, bundle: string | undefined): Docker.MountSettings[] {
  const bind = (Source: string, Target: string, ReadOnly: boolean): Docker.MountSettings => ({
    Type: 'bind',
    Source,
    Target,
    ReadOnly,
  })
  return [
    bind(spec.exchange, EXCHANGE, false),
    ...(spec.workspace === null ? [] : [bind(spec.workspace, WORKSPACE, false)]),
    ...readOnlyParts(spec).map((path) => bind(join(spec.workspace!, path), `${WORKSPACE}/${path}`, true)),
    ...spec.readOnlyMounts.map((path) => bind(path, path, true)),
    ...(spec.attachment?.mounts ?? []).map(({ from, to }) => bind(from, to, true)),
    // The folder has an empty `context` for the second to be mounted on.
    ...(spec.door === null
      ? []
      : [bind(spec.door.folder, DOOR, true), bind(spec.door.context, `${DOOR}/context`, true)]),
    // Where a proxy re-signs HTTPS, only the host's own bundle knows its certificate.
    ...(bundle === undefined ? [] : [bind(bundle, CA_INSIDE, true)]),
  ]
}

/** Those that are there as themselves: the source of a mount is looked up on the host, links and all. */
function readOnlyParts({ workspace, readOnly }: AgentSpec): readonly string[] {
  if (workspace === null || readOnly.length === 0) return []
  const root = realpathSync(workspace)
  return readOnly.filter((path) => {
    try {
      const real = realpathSync(join(root, path))
      const stat = statSync(real)
      return real === join(root, path) && (stat.isFile() || stat.isDirectory())
    } catch {
      return false
    }
  })
}

function environment(spec: AgentSpec, ca: boolean): string[] {
  const own = {
    HOME: '/tmp',
    // Nobody is there to turn the pages of a pager that a terminal brings up.
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    AMPHITHEATRE_OUTPUT: `${EXCHANGE}/output`,
    AMPHITHEATRE_TASK: spec.task,
    AMPHITHEATRE_RUN: spec.run,
    AMPHITHEATRE_AGENT: spec.agent,
    AMPHITHEATRE_ATTEMPT: spec.attempt,
  }
  // Commits inside are the agent's own business; without a name git refuses to make any.
  const git = {
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: spec.agent,
    GIT_AUTHOR_EMAIL: 'agent@amphitheatre.invalid',
    GIT_COMMITTER_NAME: spec.agent,
    GIT_COMMITTER_EMAIL: 'agent@amphitheatre.invalid',
  }
  const certificates = ca ? { SSL_CERT_FILE: CA_INSIDE, NODE_EXTRA_CA_CERTS: CA_INSIDE } : {}
  const terminal = spec.tty === null ? {} : { TERM: 'xterm-256color' }
  return Object.entries({
    ...terminal,
    ...git,
    ...certificates,
    ...spec.env,
    ...spec.attachment?.env,
    ...spec.door?.env,
    ...own,
  }).map(([k, v]) => `${k}=${v}`)
}
