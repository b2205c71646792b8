import type { Outcome } from '../../domain/commands.ts'
import type { EventEnvelope } from '../../domain/events.ts'
import { type AttemptId, commandId, projectId, type RunId } from '../../domain/ids.ts'
import type { ControlCenter, DispatchRequest } from '../../engine/controlCenter.ts'

/** A control center of the tests: it records what it is asked and answers with what it was given. */
export interface FakeCenter extends ControlCenter {
  readonly dispatched: DispatchRequest[]
  readonly typed: { attempt: string; data: string }[]
  readonly sizes: [string, number, number][]
  /** Streams that are open now. */
  readonly open: () => number
  /** Items handed to streams so far. */
  readonly produced: () => number
}

export interface FakeOptions {
  readonly outcome?: Outcome
  /** Events to stream; afterwards the stream stays open until it is aborted. */
  readonly events?: Iterable<EventEnvelope>
  readonly output?: readonly string[]
  readonly fails?: Error
}

export function fakeCenter(options: FakeOptions = {}): FakeCenter {
  const dispatched: DispatchRequest[] = []
  const typed: { attempt: string; data: string }[] = []
  const sizes: [string, number, number][] = []
  let open = 0
  let produced = 0
  return {
    dispatched,
    typed,
    sizes,
    open: () => open,
    produced: () => produced,
    async dispatch(request) {
      if (options.fails !== undefined) throw options.fails
      dispatched.push(request)
      return options.outcome ?? { ok: true, seq: dispatched.length }
    },
    snapshot: async () => ({ shape: 1, seq: 7, time: 1, projects: [], runs: [] }),
    async *events(from, signal) {
      open++
      try {
        for (const event of options.events ?? []) {
          if (signal.aborted) return
          if (event.seq <= from) continue
          produced++
          yield event
        }
        await untilAborted(signal)
      } finally {
        open--
      }
    },
    history: async ({ after, limit }) => [sampleEvent(after + 1), sampleEvent(limit)],
    runs: async ({ limit }) => [
      {
        run: 'r1' as RunId,
        project: projectId('p'),
        epic: 'ship',
        number: limit ?? 0,
        title: 'Ship',
        status: 'completed',
        startedAt: 1,
        endedAt: 2,
        summary: null,
      },
    ],
    tasks: async (run) => [
      {
        run,
        task: 'a',
        state: 'COMPLETED',
        outcome: 'succeeded',
        attempts: 1,
        role: 'R',
        startedAt: 1,
        endedAt: 2,
        cause: null,
      },
    ],
    async *terminal({ from, follow }, signal) {
      open++
      try {
        let offset = 0
        for (const text of options.output ?? []) {
          const data = new TextEncoder().encode(text)
          if (offset >= from) yield { offset, data }
          offset += data.length
        }
        if (follow) await untilAborted(signal)
      } finally {
        open--
      }
    },
    async input(attempt, data) {
      typed.push({ attempt, data: Buffer.from(data).toString('utf8') })
    },
    async resize(attempt, columns, rows) {
      sizes.push([attempt, columns, rows])
    },
    diff: async ({ project, run }) => `diff of ${project}/${run}\n`,
    patch: async ({ project, hash }) => (hash === 'gone' ? null : `patch of ${project}/${hash}\n`),
    health: async () => ({
      version: '1',
      pid: 1,
      dataDir: '/d',
      engine: { status: 'running' },
      runners: {},
      diskFreeBytes: null,
      notes: [],
      machine: { cores: 2, coresBusy: 0.5, memoryBytes: 8, memoryUsedBytes: 2 },
    }),
    vitals: async () => ({
      at: 1,
      projects: [],
      agents: [],
      host: { memoryUsed: 0.5, load: 0.25, diskFreeBytes: 8, reachable: { docker: true } },
    }),
    series: async ({ project, measure, role, from = 0 }) => [{ at: from, project, measure, role, value: 1 }],
    rebuildContext: async () => ({ files: 3, written: 1, removed: 0 }),
    targetSight: async () => null,
    commitsBetween: async () => null,
    rollbackPreview: async () => ({ ok: false, reason: 'no such point' }),
    usage: async () => [{ attempt: 'r1/a#1' as AttemptId, cores: 0.38, memoryBytes: 212 }],
  }
}

export function sampleEvent(seq: number, padding = ''): EventEnvelope {
  return {
    seq,
    type: 'engine.started',
    version: 1,
    project: null,
    run: null,
    causation: commandId('c'),
    correlation: commandId('c'),
    actor: 'engine',
    time: seq,
    data: { type: 'engine.started', boot: padding, pid: 1, version: '1' },
  }
}

export function* manyEvents(count: number, padding = ''): Generator<EventEnvelope> {
  for (let seq = 1; seq <= count; seq++) yield sampleEvent(seq, padding)
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
