import { afterEach, expect, it } from 'vitest'
import { processLeftovers } from '../support/processes.ts'
import { type Playground, playground } from '../support/repository.ts'
import { type StandIn, startStandIn } from './standIn.ts'

/** Quitting the built program while an agent, a supervised process, is at work. */
let place: Playground
let program: StandIn | undefined

afterEach(async () => {
  await program?.kill()
  // A test that failed in the middle leaves its agent at work.
  for (const left of processLeftovers(place.data)) process.kill(Number(left.split(' ')[0]), 'SIGKILL')
  place.remove()
})

const PROJECT = [
  'version: 1',
  'name: shop',
  'runner: process',
  'agents: [{name: Worker, role: Works}]',
  'epics:',
  '  long: {title: Long, phases: [{name: Only, tasks: [{id: wait, agent: Worker, run: "sleep 600"}]}]}',
].join('\n')

interface Reply {
  readonly ok: boolean
  readonly result?: unknown
}

async function ask(name: string, args: object): Promise<Reply> {
  return (await program!.call(
    'evaluate',
    `window.amphitheatre.request('${name}', ${JSON.stringify(args)})`,
  )) as Reply
}

const trayTells = (words: string) =>
  program!.until('trays', [], ([tray]) => tray?.tooltip === `Amphitheatre: ${words}`)

it('leaves agents at work, adopts them at the next start, and stops them when asked to', async () => {
  place = playground({ 'amphitheatre.yaml': PROJECT })
  program = startStandIn({ dataDir: place.data, words: [place.root] })
  await program.until('evaluate', ['typeof window.amphitheatre'], (is) => is === 'object')
  await trayTells('Nothing is running')
  expect(await ask('project', { path: place.root })).toMatchObject({ ok: true, result: { problems: [] } })
  expect(await ask('start', { root: place.root, epic: 'long' })).toMatchObject({ result: { ok: true } })
  await trayTells('1 agent running')
  await program.until('evaluate', [AGENT_STATE], (state) => state === 'RUNNING')

  await program.call('quit')
  const [question] = await program.call('dialogs')
  expect(question).toMatchObject({ message: '1 agent is at work.' })
  await program.call('answer', 1)
  expect(await program.ended, program.output()).toBe(0)
  expect(processLeftovers(place.data)).not.toEqual([])

  program = startStandIn({ dataDir: place.data })
  await trayTells('1 agent running')
  await program.call('quit')
  await program.call('answer', 0)
  expect(await program.ended, program.output()).toBe(0)
  expect(processLeftovers(place.data)).toEqual([])
})

const AGENT_STATE = `window.amphitheatre.request('snapshot', {}).then(
  (reply) => reply.result.runs[0].tasks[0].current?.state ?? null)`
