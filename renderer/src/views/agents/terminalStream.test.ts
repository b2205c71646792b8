import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptId } from '../../../../main/domain/ids.ts'
import { STREAM_WINDOW } from '../../../../preload/contract.ts'
import { OutputHost } from '../../testing/outputHost.ts'
import { characterStart } from './pieces.ts'
import { LATE_BYTES, type Sink, type StreamState, TerminalStream } from './terminalStream.ts'

const ATTEMPT = 'r1/a#1' as AttemptId
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Lines whose numbers say where they stand: `0000000\n0000008\n…`, each as long as its offset says. */
function lines(bytes: number): Uint8Array {
  let all = ''
  while (all.length < bytes) all += `${String(all.length).padStart(15, '0')}\n`
  return text(all.slice(0, bytes))
}

/** Keeps what it was given; a write is done when the test says so. */
class HeldSink implements Sink {
  #pieces: Uint8Array[] = []
  readonly gaps: (readonly [number, number])[] = []
  clears = 0
  ends = 0
  #done: (() => void) | undefined

  write(data: Uint8Array, done: () => void): void {
    expect(this.#done, 'two writes at a time').toBeUndefined()
    this.#pieces.push(data)
    this.#done = done
  }
  clear(): void {
    this.#pieces = []
    this.clears += 1
  }
  gap(from: number, to: number): void {
    this.gaps.push([from, to])
  }
  end(): void {
    this.ends += 1
  }
  parse(): boolean {
    const done = this.#done
    this.#done = undefined
    done?.()
    return done !== undefined
  }
  get shown(): Uint8Array {
    const all = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of this.#pieces) {
      all.set(piece, at)
      at += piece.length
    }
    return all
  }
  get text(): string {
    return new TextDecoder().decode(this.shown)
  }
}

function setUp(data: Uint8Array, from?: number) {
  const host = new OutputHost()
  host.grow(data)
  const sink = new HeldSink()
  let streams = 0
  const states: StreamState[] = []
  const stream = new TerminalStream(
    {
      bridge: host,
      nextStream: () => ++streams,
      attempt: ATTEMPT,
      sink,
      onChange: (state) => states.push(state),
    },
    from,
  )
  return { host, sink, stream, states }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

const turn = (): Promise<void> => Promise.resolve()

async function settle(host: OutputHost, sink: HeldSink, size = 65_536): Promise<void> {
  for (let idle = 0; idle < 4; ) {
    const busy = [sink.parse(), host.deliver(size)].includes(true)
    idle = busy ? 0 : idle + 1
    await turn()
  }
}

describe('an output into a terminal', () => {
  it('is shown from its beginning, and its end is told once', async () => {
    const { host, sink, stream } = setUp(text('one\ntwo\n'))
    await settle(host, sink)
    host.grow(text('three\n'))
    host.over = true
    await settle(host, sink)
    expect(sink.text).toBe('one\ntwo\nthree\n')
    expect(sink.ends).toBe(1)
    expect(stream.state).toMatchObject({ phase: 'ended', first: 0, next: 14 })
    expect(host.streams).toBe(0)
  })

  it('shows a late viewer the last 2 MiB from the start of a line', async () => {
    const data = lines(LATE_BYTES + 1_000)
    const { host, sink, stream } = setUp(data)
    await settle(host, sink, 256 * 1024)
    const first = stream.state.first!
    expect(first).toBeGreaterThanOrEqual(1_000)
    expect(first).toBeLessThan(1_000 + 16)
    expect(sink.text.slice(0, 15)).toBe(String(first).padStart(15, '0'))
    expect(sink.shown.length).toBe(data.length - first)
  })

  it('shows all of it when asked, each byte once', async () => {
    const data = lines(LATE_BYTES + 1_000)
    const { host, sink, stream } = setUp(data)
    await settle(host, sink, 256 * 1024)
    stream.restart(0)
    expect(stream.isLive).toBe(false)
    await settle(host, sink, 256 * 1024)
    expect(stream.state.first).toBe(0)
    expect(sink.shown.length).toBe(data.length)
    expect(sink.clears).toBe(1)
    expect(stream.isLive).toBe(true)
  })

  it('acknowledges what is parsed and not before', async () => {
    const { host, sink } = setUp(lines(3_000_000), 0)
    while (host.deliver(65_536)) await turn()
    expect(host.mostInFlight).toBe(STREAM_WINDOW.output)
    sink.parse()
    await turn()
    await turn()
    expect(host.deliver(65_536)).toBe(true)
  })

  it('parses nothing while hidden, and goes on where it was after a short while', async () => {
    const { host, sink, stream } = setUp(text('one\n'))
    await settle(host, sink)
    stream.setVisible(false)
    host.grow(text('two\n'))
    await settle(host, sink)
    expect(sink.text).toBe('one\n')
    stream.setVisible(true)
    await settle(host, sink)
    expect(sink.text).toBe('one\ntwo\n')
    expect(sink.clears).toBe(0)
  })

  it('shows the end to who comes back after much has gone by', async () => {
    const { host, sink, stream } = setUp(text('one\n'))
    await settle(host, sink)
    stream.setVisible(false)
    host.grow(lines(8_000_000))
    await settle(host, sink, 262_144)
    expect(host.mostInFlight).toBe(STREAM_WINDOW.output)
    stream.setVisible(true)
    await settle(host, sink, 262_144)
    expect(sink.clears).toBe(1)
    expect(sink.shown.length).toBeGreaterThan(LATE_BYTES - 100)
    expect(sink.shown.length).toBeLessThanOrEqual(LATE_BYTES)
    expect(sink.text.endsWith(new TextDecoder().decode(host.data.slice(-64)))).toBe(true)
  })

  it('tells what the quota removed', async () => {
    const { host, sink } = setUp(lines(1_000), 0)
    host.headEnd = 100
    host.keptFrom = 700
    await settle(host, sink)
    expect(sink.gaps).toEqual([[100, 700]])
    expect(sink.shown.length).toBe(400)
  })

  it('says why it could not be opened, and tries again when asked', async () => {
    const { host, sink, stream } = setUp(text('one\n'))
    const refuse = Object.assign(new Error('There is no such output.'), { remedy: 'Start it again.' })
    const request = host.request.bind(host)
    host.request = (name, args) => (name === 'output' ? Promise.reject(refuse) : request(name, args))
    stream.restart(0)
    await turn()
    await turn()
    expect(stream.state).toMatchObject({ phase: 'failed', error: { message: 'There is no such output.' } })
    host.request = request
    stream.retry()
    await settle(host, sink)
    expect(sink.text).toBe('one\n')
  })

  it('stops for good', async () => {
    const { host, sink, stream } = setUp(text('one\n'))
    stream.stop()
    await turn()
    host.deliver(10)
    host.lose()
    host.restore()
    expect(sink.shown.length).toBe(0)
    expect(host.streams).toBe(0)
  })
})

type Step =
  | { readonly do: 'grow' | 'deliver'; readonly size: number }
  | { readonly do: 'parse' | 'lose' | 'restore' | 'hide' | 'show' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('grow' as const), size: fc.integer({ min: 1, max: 900_000 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), size: fc.integer({ min: 1, max: 262_144 }) }),
  },
  { weight: 8, arbitrary: fc.constant({ do: 'parse' as const }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...(['lose', 'restore', 'restore', 'hide', 'show', 'show'] as const))
      .map((it) => ({ do: it })),
  },
)

const LONG = lines(6_000_000)

describe('whatever is lost on the way', () => {
  it('each byte is shown once and in order, and never more than the window is under way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.array(step, { maxLength: 40 }),
        async (size, steps) => {
          const { host, sink, stream } = setUp(LONG.slice(0, size))
          for (const one of steps) {
            if (one.do === 'grow') host.grow(LONG.slice(host.data.length, host.data.length + one.size))
            else if (one.do === 'deliver') host.deliver(one.size)
            else if (one.do === 'parse') sink.parse()
            else if (one.do === 'lose') host.lose()
            else if (one.do === 'restore') host.restore()
            else stream.setVisible(one.do === 'show')
            await turn()
            await turn()
          }
          host.restore()
          stream.setVisible(true)
          host.over = true
          await settle(host, sink, 262_144)
          stream.stop()
          const first = stream.state.first ?? host.data.length
          expect(sameBytes(sink.shown, host.data.subarray(first))).toBe(true)
          expect(first === 0 || host.data[first - 1] === 0x0a || first === host.data.length).toBe(true)
          expect(sink.gaps).toEqual([])
          expect(host.surplusAcks).toBe(0)
          expect(host.mostInFlight).toBeLessThan(STREAM_WINDOW.output + 262_144)
          expect(stream.state.phase).toBe('ended')
        },
      ),
      { numRuns: 60 },
    )
  })
})

it('a late view without a line’s end begins with a whole character', async () => {
  const { host, sink } = setUp(text('…'.repeat(LATE_BYTES / 2)))
  await settle(host, sink, 50_000)
  expect(sink.text.startsWith('…')).toBe(true)
  expect(sink.shown.length).toBeGreaterThan(LATE_BYTES - 200_000)
})

it.each([
  ['abc', 0, 0],
  ['…x', 1, 2],
  ['…x', 2, 1],
  ['…x', 3, 0],
])('the first character of %j from byte %i is %i further', (value, from, at) => {
  expect(characterStart(text(value).slice(from))).toBe(at)
})
