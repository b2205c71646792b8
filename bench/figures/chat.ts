import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createDoors } from '../../main/agents/door/createDoors.ts'
import type { Doors } from '../../main/engine/ports/doors.ts'
import { openBareChat } from '../support/bareChat.ts'
import { openBenchEngine } from '../support/benchEngine.ts'
import type { ChatOrder, ChatReport } from '../support/chatters.ts'
import type { BenchOptions, Comparison } from '../support/figure.ts'
import { noWorkspaces } from '../support/noopFiles.ts'
import { NEVER } from '../support/noopRunner.ts'
import { benchPlan } from '../support/plans.ts'
import { inTurn, median, pairedRatio } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const AGENTS = 100
/** Of the agent that floods: calls at once, and connections that say nothing. */
const FLOOD = { calls: 64, connections: 1_000 }

/**
 * A hundred agents chatting: each sends a message now and then to another, through its own door, and listens. Agents
 * are in a process of their own. From the call that sends to the message at its receiver, beside the least such a chat
 * can cost; and the same while one more agent calls with all its might.
 */
export async function chat(options: BenchOptions): Promise<readonly Comparison[]> {
  return inTemporaryFolder(async (folder) => {
    const names = Array.from({ length: AGENTS }, (_, i) => `t${i}`)
    const doors = await openChatDoors(folder, AGENTS + 1)
    const bare = await openBareChat(folder, names)
    const [rounds, seconds] = options.quick ? [3, 3] : [7, 6]
    const inTurns = <Name extends string>(sides: Readonly<Record<Name, () => Promise<Round>>>) =>
      inTurn(sides, { rounds, warmUp: 1 })
    const through = (sockets: readonly string[], everyMs: number) => (): Promise<Round> =>
      measured({ sockets, names, everyMs, seconds, flood: null })
    const sidesAt = (everyMs: number) =>
      inTurns({ ours: through(doors.sockets, everyMs), other: through(bare.sockets, everyMs) })

    options.progress('chat: a message a second each')
    const calm = await sidesAt(1_000)
    options.progress('chat: as fast as answered')
    const saturated = await sidesAt(0)
    options.progress('chat: beside a flood')
    const flood = { sockets: [doors.sockets[AGENTS]!], names: [], everyMs: 0, seconds, flood: FLOOD }
    const floods: ChatReport[] = []
    const quiet = through(doors.sockets, 1_000)
    const disturbed = await inTurns({
      ours: async () => {
        const [round, report] = await Promise.all([quiet(), chatting(flood)])
        floods.push(report)
        return round
      },
      other: quiet,
    })
    await doors.close()
    await bare.close()

    const who = `${AGENTS} agents chatting`
    const carried = median(floods.map(({ perSecond }) => perSecond))
    const refused = median(floods.map((one) => one.refused)) / seconds
    const beside = `of the flood ${carried.toFixed(0)} calls a second were carried out, ${refused.toFixed(0)} refused; it and the others share the processor`
    return [
      ...latencies(`${who}, a message a second each`, calm, BARE, []),
      throughput(`${who}, as fast as they are answered`, saturated),
      cost(`${who}, as fast as they are answered: the engine's processor`, saturated),
      ...latencies(`${who} beside one that floods its door`, disturbed, 'without the flood', [beside]),
    ]
  })
}

const BARE = 'bare sockets, a row each'
const OURS = 'through the doors'

interface Round extends ChatReport {
  /** CPU of this process, share of a core. */
  readonly cpu: number
  /** 99th percentile of how late a timer of this process is, ms. */
  readonly lateMs: number
}

interface Sides {
  readonly ours: readonly Round[]
  readonly other: readonly Round[]
}

function latencies(what: string, sides: Sides, other: string, notes: readonly string[]): Comparison[] {
  return (['median', 'p95'] as const).map((of) =>
    compare(sides, (round) => round[of], {
      what: `${what}: sent to received, ${of === 'p95' ? '95th percentile' : of}`,
      unit: 'ms',
      other,
      notes,
    }),
  )
}

function throughput(what: string, sides: Sides): Comparison {
  const [ours, other] = [sides.ours, sides.other].map(
    (rounds) =>
      `${median(rounds.map((round) => round.median)).toFixed(1)} and ${median(rounds.map(({ p95 }) => p95)).toFixed(1)}`,
  )
  const notes = [`sent to received, median and 95th percentile, ms: ${ours}; other side ${other}`]
  return compare(sides, ({ perSecond }) => perSecond, { what, unit: 'messages a second', other: BARE, notes })
}

function cost(what: string, sides: Sides): Comparison {
  const perMessage = ({ cpu, perSecond }: Round): number => (cpu * 1_000) / perSecond
  return compare(sides, perMessage, { what, unit: 'ms a message', other: BARE, notes: [] })
}

function compare(
  sides: Sides,
  of: (round: Round) => number,
  { other, notes, ...said }: Pick<Comparison, 'what' | 'unit' | 'notes'> & { readonly other: string },
): Comparison {
  const [ours, theirs] = [sides.ours.map(of), sides.other.map(of)]
  const load = (rounds: readonly Round[]): string =>
    `${Math.round(median(rounds.map(({ cpu }) => cpu)) * 100)} % of a core, timers ${median(rounds.map(({ lateMs }) => lateMs)).toFixed(1)} ms late (99th percentile)`
  const refused = sides.ours.reduce((sum, round) => sum + round.refused, 0)
  return {
    ...said,
    figure: null,
    ours: { name: OURS, value: median(ours) },
    other: { name: other, value: median(theirs) },
    ratio: pairedRatio(ours, theirs),
    target: null,
    how: `${ours.length} rounds in turn, one warm-up round; FULL on both sides; agents in a process of their own`,
    notes: [
      `${median(sides.ours.map(({ perSecond }) => perSecond)).toFixed(0)} messages a second, ${refused} calls refused`,
      `engine ${load(sides.ours)}; other side ${load(sides.other)}`,
      ...notes,
    ],
  }
}

async function measured(order: ChatOrder): Promise<Round> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const before = process.cpuUsage()
  const start = performance.now()
  const report = await chatting(order)
  const { user, system } = process.cpuUsage(before)
  delay.disable()
  const cpu = (user + system) / 1_000 / (performance.now() - start)
  // The histogram holds whole turns of a timer of 1 ms.
  return { ...report, cpu, lateMs: delay.percentile(99) / 1e6 - 1 }
}

async function chatting(order: ChatOrder): Promise<ChatReport> {
  const program = join(import.meta.dirname, '../support/chatters.ts')
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`the agents of the chat ended with ${code}`)
  return JSON.parse(said) as ChatReport
}

async function openChatDoors(
  folder: string,
  count: number,
): Promise<{ readonly sockets: readonly string[]; close(): Promise<void> }> {
  const sockets: string[] = []
  const bench = await openBenchEngine(join(folder, 'chat.db'), (inside) => {
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
    const workspaces = noWorkspaces()
    const log = (): void => undefined
    const own = createDoors({
      install: 'bench',
      dataDir: folder,
      uid,
      gid,
      workspaces,
      log,
      base: join(folder, 'd'),
    })
    const real = own(inside)
    const recording: Doors = {
      open: async (door) => {
        const opened = await real.open({ ...door, exchange: folder, onHost: true })
        sockets[door.task] = join(opened.folder, 'door.sock')
        return opened
      },
      close: (attempt) => real.close(attempt),
      detach: () => real.detach(),
    }
    return recording
  })
  const tasks = Array.from({ length: count }, (_, i) => ({ id: `t${i}`, run: NEVER }))
  await bench.startOnly(benchPlan(tasks, { slots: count }))
  while (sockets.filter(Boolean).length < count) await new Promise((resolve) => setTimeout(resolve, 20))
  // What was written is of no use here, and memory that grows would count.
  const forgetting = setInterval(() => {
    bench.writes.length = 0
  }, 500)
  return {
    sockets,
    close: () => {
      clearInterval(forgetting)
      return bench.close()
    },
  }
}
