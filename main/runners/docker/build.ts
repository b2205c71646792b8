import { join } from 'node:path'
import type { PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import type { NetworkPolicy, Resources } from '../../domain/project.ts'
import { RunnerError } from '../../engine/ports/runner.ts'
import { boundProcesses, runningIn } from './buildContainer.ts'
import { packContext, readContext } from './buildContext.ts'
import { call, statusOf } from './client.ts'
import type { Bytes } from './jsonLines.ts'
import { followProgress } from './progress.ts'

/**
 * Docker carries out the commands of a Dockerfile, and whoever wrote it may have been an agent: they are held by the same
 * kinds of limits as agents. What is over a limit is ended, and the error names the limit and what raises it.
 */

const BUILT = 'amphitheatre/build'
const MIB = 1024 * 1024
const MINUTE_MS = 60_000
/** Twice the memory of an agent: compilers want more than what they compile. */
export const BUILD_DEFAULTS = { cpus: 2, memoryBytes: 4096 * MIB, pids: 512 } as const
/** Below this Docker starts nothing. */
const MIN_MEMORY = 16 * MIB
const CPU_PERIOD_US = 100_000
/** A Dockerfile has fewer commands; lines that only look like it are not looked after without end. */
const MOST_CONTAINERS = 200

export interface BuildLimits {
  /** A step of the engine's that builds has half an hour; this ends before it, with better words. */
  readonly withinMs: number
  readonly outputBytes: number
}

const LIMITS: BuildLimits = { withinMs: 25 * MINUTE_MS, outputBytes: 16 * MIB }

/** What a build may have. Without it: the defaults, with a network, for a folder of the user's own. */
export interface BuildTerms {
  readonly resources?: Resources
  /** Anything but `internet`: none at all; there is no network of a run in a build. */
  readonly network?: NetworkPolicy
  /** Ends it. */
  readonly signal?: AbortSignal
  readonly limits?: Partial<BuildLimits>
}

/**
 * Builds a folder under the hash of its contents, so that an unchanged one is built once. `path`: of the folder, for people.
 * Throws RunnerError, and what ended it when `signal` did.
 */
export async function buildFolder(
  docker: Docker,
  { folder, path }: { readonly folder: string; readonly path: string },
  onProgress: (line: string) => void,
  terms: BuildTerms = {},
): Promise<string> {
  const context = await readContext(folder)
  if (!context.files.includes('Dockerfile')) {
    throw new RunnerError('refused', `There is no Dockerfile in ${path}.`, 'Add one, or name a ready image.')
  }
  const tag = `${BUILT}:${context.hash.slice(0, 32)}`
  if (await isPresent(docker, tag)) return tag
  onProgress(`Building ${path}`)
  const build = new Build(docker, path, terms, onProgress)
  await build.carryOut(packContext(context), tag)
  return tag
}

export async function isPresent(docker: Docker, ref: string): Promise<boolean> {
  try {
    await call(() => docker.getImage(ref).inspect())
    return true
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}

/** One build: under way from `carryOut` on, until that settles. */
class Build {
  readonly #docker: Docker
  readonly #path: string
  readonly #terms: BuildTerms
  readonly #onProgress: (line: string) => void
  readonly #limits: BuildLimits
  readonly #memory: number
  readonly #tooMuch = new AbortController()
  #containers = 0

  constructor(docker: Docker, path: string, terms: BuildTerms, onProgress: (line: string) => void) {
    this.#docker = docker
    this.#path = path
    this.#terms = terms
    this.#onProgress = onProgress
    this.#limits = { ...LIMITS, ...terms.limits }
    this.#memory = Math.max(MIN_MEMORY, terms.resources?.memoryBytes ?? BUILD_DEFAULTS.memoryBytes)
  }

  async carryOut(tar: PassThrough, tag: string): Promise<void> {
    const { signal } = this.#terms
    const limit = AbortSignal.timeout(this.#limits.withinMs)
    const over = [limit, this.#tooMuch.signal, ...(signal === undefined ? [] : [signal])]
    // Docker ends a build, and kills what it runs, when nobody listens to it any more.
    const abortSignal = AbortSignal.any(over)
    const remedy = `Correct ${join(this.#path, 'Dockerfile')}; the lines above say where it failed.${this.#closedWords()}`
    try {
      // `forcerm`: a failed step must not leave its container behind.
      const stream = await this.#docker.buildImage(tar, {
        ...this.#held(),
        t: tag,
        forcerm: true,
        abortSignal,
      })
      const doing = `build the image in ${this.#path}`
      await followProgress(this.#counted(stream), doing, remedy, (line) => this.#told(line))
    } catch (error) {
      signal?.throwIfAborted()
      if (limit.aborted) throw this.#ended(`did not end within ${inMinutes(this.#limits.withinMs)}`, LONGER)
      if (this.#tooMuch.signal.aborted)
        throw this.#ended(`printed more than ${inMib(this.#limits.outputBytes)}`, QUIETER)
      throw this.#killed(error) ?? error
    } finally {
      tar.destroy()
    }
  }

  /** Of each container that a command runs in. Memory and swap the same: no swap. */
  #held(): Docker.ImageBuildOptions {
    const { resources, network = 'internet' } = this.#terms
    return {
      memory: this.#memory,
      memswap: this.#memory,
      cpuperiod: CPU_PERIOD_US,
      cpuquota: Math.round((resources?.cpus ?? BUILD_DEFAULTS.cpus) * CPU_PERIOD_US),
      ...(network === 'internet' ? {} : { networkmode: 'none' }),
    }
  }

  /** All that comes, also what is not shown because it only repeats. */
  async *#counted(stream: Bytes): AsyncGenerator<string | Uint8Array> {
    let printed = 0
    for await (const chunk of stream) {
      printed += chunk.length
      if (printed > this.#limits.outputBytes) {
        this.#tooMuch.abort()
        throw this.#tooMuch.signal.reason
      }
      yield chunk
    }
  }

  #told(line: string): void {
    this.#onProgress(line)
    const container = runningIn(line)
    if (container === undefined || ++this.#containers > MOST_CONTAINERS) return
    const pids = this.#terms.resources?.pids ?? BUILD_DEFAULTS.pids
    void boundProcesses(this.#docker, container, { pids, memoryBytes: this.#memory })
  }

  #ended(what: string, remedy: string): RunnerError {
    const reason = `The build of the image in ${this.#path} was ended: it ${what}.`
    return new RunnerError('refused', reason, remedy)
  }

  /** Code 137: killed, and nobody but the kernel kills what a build runs. */
  #killed(error: unknown): RunnerError | undefined {
    if (!(error instanceof RunnerError) || !/returned a non-zero code: 137\b/.test(error.message))
      return undefined
    const most = inMib(this.#memory)
    const reason = `${error.message} It was killed, as it is where a build wants more than ${most} of memory.`
    const remedy = `More is given by \`resources: {memory: …}\` of the task that deploys. ${error.remedy}`
    return new RunnerError('refused', reason, remedy, { cause: error })
  }

  #closedWords(): string {
    const { network = 'internet' } = this.#terms
    return network === 'internet' ? '' : ' It had no network: `network: internet` of the task gives it one.'
  }
}

const LONGER = 'Let it do less, or build the image elsewhere and name it: `image: name:tag`.'
const QUIETER = 'Let its commands print less; the lines above are what it printed until then.'

function inMinutes(ms: number): string {
  return ms < MINUTE_MS ? `${ms / 1000} s` : `${Math.round(ms / MINUTE_MS)} minutes`
}

function inMib(bytes: number): string {
  return `${Math.round((10 * bytes) / MIB) / 10} MiB`
}
