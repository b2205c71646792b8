import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Random } from '../simulator/random.ts'
import { generateEpic } from './support/epics.ts'
import { checkRun, killUntilDone } from './support/kills.ts'
import { processLeftovers } from './support/processes.ts'
import { type Playground, playground } from './support/repository.ts'

/** As e2e/killed.test.ts, over supervised processes of this machine: no Docker is needed. */
const KILLS = Number(process.env.AMPHITHEATRE_KILLS ?? 12)
const SEED = Number(process.env.AMPHITHEATRE_SEED ?? Math.floor(Math.random() * 1e9))

let place: Playground | undefined
afterEach(() => {
  place?.remove()
  place = undefined
})

test(`the engine killed ${KILLS} times: agents are adopted, and none is started twice (seed ${SEED})`, async ({
  signal,
}) => {
  const random = new Random(SEED)
  let kills = 0
  for (let round = 0; kills < KILLS; round++) {
    const epic = generateEpic(random, 'amphitheatre/agent')
    place = playground({ 'amphitheatre.yaml': epic.yaml })
    const killed = { place, run: `kill${round}`, runner: 'process', epic, seed: SEED } as const
    kills += await killUntilDone(killed, random, signal)
    await checkRun(killed)
    expect(processLeftovers(place.data)).toEqual([])
    const agents = join(place.data, 'processes/agents')
    expect(existsSync(agents) ? readdirSync(agents) : []).toEqual([])
    place.remove()
    place = undefined
  }
}, 600_000)
