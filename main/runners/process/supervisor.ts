import { closeSync, fchownSync, fstatSync, openSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import type { AgentExit } from '../../engine/ports/runner.ts'
import { ranOutOfMemory } from './cgroup.ts'
import { type Child, startChild } from './child.ts'
import { killTree } from './kill.ts'
import { type Excess, watchLimits } from './limitWatch.ts'
import { bootId, lookAt, type ProcessId } from './processes.ts'
import {
  type AgentState,
  claim,
  FILES,
  markAgain,
  readSpec,
  STARTED,
  type SupervisedSpec,
  TAKEN,
  writeState,
} from './record.ts'
import { type Door, openDoor } from './supervisorDoor.ts'

/**
 * A program of its own: `supervisor.ts FOLDER`. Holds one agent's terminal (or pipes), its output and its end, in a
 * session of its own, so that the agent outlives the engine that asked for it and the next one finds it.
 *
 * claiming -> starting -> running -> draining -> over. Who cannot claim the folder leaves at once; from `starting` on
 * every way out leads over a written exit. Kept small: there is one of these for every agent.
 */
class Supervisor {
  readonly #folder: string
  readonly #spec: SupervisedSpec
  #state: AgentState
  /** Open from `starting` on. */
  #log = -1
  #logged = 0
  /** Output that could not be written yet: the disk is full. Empty otherwise. */
  #unwritten: Buffer[] = []
  /** Set from `running` on. */
  #child: Child | undefined
  /** Set from `running` on; where the engine's typing comes in and news go out. */
  #door: Door | undefined
  /** Set from `draining` on. */
  #end: Omit<AgentExit, 'finishedAt'> | undefined
  #drained = false
  /** What the agent left behind is gone, or cannot be killed. */
  #swept = false
  /** Set when it had to be ended for using too much. */
  #excess: Excess | undefined
  #stopWatching = (): void => undefined

  constructor(folder: string, spec: SupervisedSpec, state: AgentState) {
    this.#folder = folder
    this.#spec = spec
    this.#state = state
  }

  run(): void {
    try {
      if (!this.#latch()) {
        this.#over({ code: ALREADY_STARTED, oomKilled: false, error: null })
        return
      }
    } catch (error) {
      const why = `${this.#spec.exchange} cannot be written: ${(error as Error).message}`
      this.#over({ code: 126, oomKilled: false, error: why })
      return
    }
    try {
      this.#start()
    } catch (error) {
      this.#over({ code: 127, oomKilled: false, error: (error as Error).message })
    }
  }

  /** Of any number of starts of an attempt, whoever asked for them, only the one that makes the latch goes on. */
  #latch(): boolean {
    const { exchange, owner } = this.#spec
    try {
      const latch = openSync(join(exchange, LATCH), 'wx', 0o600)
      // Not by its name: the folder is the agent's, who could make it another's file meanwhile.
      if (owner !== null) fchownSync(latch, owner.uid, owner.gid)
      closeSync(latch)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      markAgain(exchange)
      return false
    }
  }

  #start(): void {
    this.#log = openSync(join(this.#folder, FILES.output), 'a', 0o600)
    const child = startChild(this.#spec, {
      onOutput: (data) => this.#take(data),
      onExit: (code, signal) => this.#exited(signal > 0 ? 128 + signal : code),
      onEnd: () => this.#ended(),
    })
    this.#child = child
    const start = lookAt(child.pid)?.start ?? ''
    this.#state = { ...this.#state, agent: { pid: child.pid, start }, startedAt: Date.now() }
    beNice(child.pid)
    const kill = (): void => killTree(this.#state.agent, this.#spec.marker, () => undefined)
    const stopLimits = watchLimits(child.pid, this.#spec.watched, (excess) => {
      this.#excess = excess
      kill()
    })
    const folder = setInterval(() => {
      if (isRemoved(this.#log)) kill()
    }, FOLDER_MS)
    this.#stopWatching = () => {
      stopLimits()
      clearInterval(folder)
    }
    this.#begun(child)
  }

  /** Nobody may take it for one that has not begun: on a full disk it is written down as soon as there is space. */
  #begun(child: Child): void {
    // Its end has been written down, or is about to be, with all there is to say.
    if (this.#end !== undefined) return
    try {
      writeState(this.#folder, this.#state)
    } catch {
      setTimeout(() => this.#begun(child), RETRY_MS)
      return
    }
    this.#door = openDoor(this.#spec.address, child.terminal, () => {
      say(STARTED)
      // For the next supervisor: the first to run compiles what all run.
      flushCompileCache()
    })
  }

  #take(data: Buffer): void {
    if (this.#unwritten.length > 0) this.#unwritten.push(data)
    else this.#write(data)
  }

  #write(data: Buffer): void {
    if (this.#logged >= MOST_BYTES) return
    let written = 0
    try {
      while (written < data.length) written += writeSync(this.#log, data, written)
      this.#logged += written
      if (this.#logged >= MOST_BYTES) writeSync(this.#log, FULL)
    } catch {
      // Most likely the disk is full. The agent waits at its next print until there is space.
      this.#logged += written
      this.#unwritten.unshift(data.subarray(written))
      this.#child?.pause()
      setTimeout(() => this.#writeAgain(), RETRY_MS)
    }
    this.#door?.tell('output')
  }

  #writeAgain(): void {
    const waiting = this.#unwritten
    this.#unwritten = []
    for (const data of waiting) this.#take(data)
    if (this.#unwritten.length > 0) return
    this.#child?.resume()
    this.#finish()
  }

  /** The main process is over, and with it the agent: what it left behind goes too, as in a container. */
  #exited(code: number): void {
    this.#stopWatching()
    const { cgroup } = this.#spec
    const oomKilled = cgroup !== null && ranOutOfMemory(cgroup)
    // Ended for using too much, whatever it made of its children's end before its own.
    this.#end =
      this.#excess === undefined ? { code, oomKilled, error: null } : { code: KILLED, ...this.#excess }
    killTree(this.#state.agent, this.#spec.marker, () => {
      this.#swept = true
      // Whoever still holds the other end cannot be found; it is not waited for.
      if (!this.#drained) setTimeout(() => this.#child?.close(), DRAIN_MS)
      this.#finish()
    })
  }

  #ended(): void {
    this.#drained = true
    this.#finish()
  }

  #finish(): void {
    if (this.#end === undefined || !this.#swept || !this.#drained || this.#unwritten.length > 0) return
    this.#over(this.#end)
  }

  #over(exit: Omit<AgentExit, 'finishedAt'>): void {
    try {
      writeState(this.#folder, { ...this.#state, exit: { ...exit, finishedAt: Date.now() } })
    } catch (error) {
      // Nowhere to write the exit to. While the folder is there it must not be lost.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        setTimeout(() => this.#over(exit), RETRY_MS)
        return
      }
    }
    say(STARTED)
    if (this.#door === undefined) process.exit()
    this.#door.close(() => process.exit())
  }
}

const LATCH = 'started'
/** ALREADY_STARTED_EXIT of the runners' port, which is not loaded here. */
const ALREADY_STARTED = 97
/** What a shell calls the end by SIGKILL. */
const KILLED = 137
const RETRY_MS = 1_000
/** How often it is looked whether the agent's folder is still there, ms. */
const FOLDER_MS = 10_000
/** Given to output that is still under way when everything of the agent is over. */
const DRAIN_MS = 2_000
/** An agent that prints without end must not fill the disk. */
const MOST_BYTES = 512 * 1024 * 1024
const FULL = '\r\namphitheatre: more than 512 MB of output; the rest is not kept.\r\n'
/** Agents give way to whoever sits at the machine. */
const NICENESS = 5

/** Removed, not moved: then nobody can find the agent any more, and it would run for ever. */
function isRemoved(file: number): boolean {
  try {
    return fstatSync(file).nlink === 0
  } catch {
    return false
  }
}

function beNice(pid: number): void {
  try {
    setPriority(pid, NICENESS)
  } catch {
    // It is over already, or the system does not let us.
  }
}

/** To the engine that started this, if it is still there and has not been told before. */
let said = false
function say(word: string): void {
  if (said) return
  said = true
  try {
    writeSync(1, word)
    closeSync(1)
  } catch {
    // Nobody listens any more.
  }
}

function main(folder: string): void {
  // The engine's end of the pipe may close at any time, and terminals elsewhere may hang up.
  for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => undefined)
  // A defect here must not take the agent along; what it was is in the errors file.
  process.on('uncaughtException', (error) => console.error(error))
  const spec = readSpec(folder)
  if (spec === undefined) throw new Error(`${folder} has no ${FILES.spec}`)
  const supervisor: ProcessId = { pid: process.pid, start: lookAt(process.pid)!.start }
  const { attempt } = spec
  const state: AgentState = { attempt, boot: bootId(), supervisor, agent: null, startedAt: null, exit: null }
  if (claim(folder, state)) {
    process.chdir('/')
    new Supervisor(folder, spec, state).run()
  } else say(TAKEN)
}

main(process.argv[2]!)
