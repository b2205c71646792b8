import { spawn } from 'node:child_process'
import { join } from 'node:path'
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
/** Calls at once of the agent that floods. */
const FLOOD = 64

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
    const [rounds, seconds] = options.quick ? [3, 3] : [7, 8]
    const ask = (sockets: readonly string[], everyMs: number): Promise<Round> =>
      measured({ sockets, names, everyMs, seconds, flood: 0 })
    const flooded = async (): Promise<Round> => {
      const flood = { sockets: [doors.sockets[AGENTS]!], names: [], everyMs: 0, seconds, flood: FLOOD }
      const [round] = await Promise.all([ask(doors.sockets, 1_000), chatting(flood)])
      return round
    }
    const results: Comparison[] = []
    for (const everyMs of [1_000, 250]) {
      options.progress(`chat: a message every ${everyMs} ms`)
      const sides = await inTurn(
        { ours: () => ask(doors.sockets, everyMs), bare: () => ask(bare.sockets, everyMs) },
        { rounds, warmUp: 1 },
      )
      const rate = Math.round((AGENTS * 1_000) / everyMs)
      results.push(
        ...compare(`${AGENTS} agents chatting, ${rate} messages a second`, sides, 'bare sockets, a row each'),
      )
    }
    options.progress('chat: beside a flood')
    const sides = await inTurn(
      { ours: flooded, bare: () => ask(doors.sockets, 1_000) },
      { rounds, warmUp: 1 },
    )
    results.push(...compare(`the same beside an agent that floods its door`, sides, 'without the flood'))
    await doors.close()
    await bare.close()
    return results
  })
}

interface Round extends ChatReport {
  /** CPU of this process, share of a core. */
  readonly cpu: number
}

function compare(
  what: string,
  sides: { readonly ours: readonly Round[]; readonly bare: readonly Round[] },
  other: string,
): readonly Comparison[] {
  const cpu = (rounds: readonly Round[]): string =>
    `${Math.round(median(rounds.map((round) => round.cpu)) * 100)} %`
  return (['median', 'p95'] as const).map((of) => {
    const [ours, bare] = [sides.ours.map((round) => round[of]), sides.bare.map((round) => round[of])]
    return {
      figure: null,
      what: `${what}: sent to received, ${of === 'p95' ? '95th percentile' : of}`,
      unit: 'ms',
      ours: { name: 'through the doors', value: median(ours) },
      other: { name: other, value: median(bare) },
      ratio: pairedRatio(ours, bare),
      target: null,
      how: `${ours.length} rounds in turn, one warm-up round; FULL on both sides; agents in a process of their own`,
      notes: [
        `${median(sides.ours.map(({ received }) => received))} messages a round; engine ${cpu(sides.ours)} of a core, other side ${cpu(sides.bare)}; refused ${sides.ours.reduce((sum, { refused }) => sum + refused, 0)}`,
      ],
    }
  })
}

async function measured(order: ChatOrder): Promise<Round> {
  const before = process.cpuUsage()
  const start = performance.now()
  const report = await chatting(order)
  const { user, system } = process.cpuUsage(before)
  return { ...report, cpu: (user + system) / 1_000 / (performance.now() - start) }
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
  await new Promise((resolve) => child.on('close', resolve))
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
      ...real,
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
  return { sockets, close: () => bench.close() }
}
