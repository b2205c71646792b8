import { expect, test } from 'vitest'
import { openRecording, RECORDED } from '../../context/testing/engine.ts'
import type { EventEnvelope } from '../../domain/events.ts'
import { commandId } from '../../domain/ids.ts'
import { alert } from '../../domain/testing/incidents.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import type { RunningEngine } from '../../engine/startEngine.ts'
import { tempFolder } from '../../store/testing/tempFolder.ts'
import { FakeLink } from '../pages/testing/fakeLink.ts'
import { fakeCenter } from '../testing/fakeCenter.ts'
import { AlertInbox } from './alertInbox.ts'

/** Into a real engine with its log on disk. */
const COUNT = 1_000

async function register(engine: RunningEngine): Promise<void> {
  const project = { type: 'project.register', project: RECORDED, root: '/p', name: 'p' } as const
  expect(await engine.dispatch(project, 'person:ann', commandId('register'))).toMatchObject({ ok: true })
}

function inboxOf(engine: RunningEngine): AlertInbox {
  let sent = 0
  const dispatch: ControlCenter['dispatch'] = ({ command }) =>
    engine.dispatch(command, 'alertmanager', commandId(`alerts-${++sent}`))
  return new AlertInbox(new FakeLink({ ...fakeCenter(), dispatch }))
}

async function logOf(engine: RunningEngine): Promise<readonly EventEnvelope[]> {
  const found: EventEnvelope[] = []
  const abort = new AbortController()
  for await (const event of engine.events(0, abort.signal)) {
    found.push(event)
    if (event.seq === engine.state.seq) abort.abort()
  }
  return found
}

test('a thousand alerts, each by itself, are one incident, few events, and keep nobody else waiting for their end', async () => {
  const folder = tempFolder()
  const first = await openRecording(folder)
  await register(first.engine)
  const inbox = inboxOf(first.engine)
  const project = () => first.engine.state.projects.get(RECORDED)!
  const storm = Array.from({ length: COUNT }, (_, i) => {
    const one = alert(`a${i}`, { group: `g${i % 20}`, startsAt: Date.now() - 1_000 })
    return inbox.take(RECORDED, 'alertmanager', [one])
  })
  // Others get their turn while the storm is taken: this one is answered before all of it is.
  let answered = 0
  for (const one of storm) void one.then(() => answered++)
  const risk = { id: 'r', title: 'a risk', impact: '' }
  const meanwhile = { type: 'risk.record', project: RECORDED, risk } as const
  expect(await first.engine.dispatch(meanwhile, 'person:ann', commandId('risk'))).toMatchObject({ ok: true })
  expect(answered).toBeLessThan(COUNT)
  expect((await Promise.all(storm)).every(({ ok }) => ok)).toBe(true)

  expect(project().incidents).toMatchObject([{ id: 'i1', alerts: { firing: COUNT } }])
  expect(project().incidents[0]!.alerts.latest).toHaveLength(20)
  const log = await logOf(first.engine)
  const told = log.filter(({ type }) => type === 'incident.alerted')
  // One for each group in each command; a command is what came while the one before was under way.
  const commands = new Set(told.map(({ causation }) => causation)).size
  expect(told.length).toBeLessThanOrEqual(20 * commands)
  expect(log.length).toBeLessThan(150)
  expect(log.filter(({ type }) => type === 'incident.opened')).toHaveLength(1)
  expect(Buffer.byteLength(JSON.stringify(log))).toBeLessThan(COUNT * 1_000)

  // Sent again, as senders do: nothing.
  const again = Array.from({ length: COUNT }, (_, i) =>
    alert(`a${i}`, { group: `g${i % 20}`, startsAt: project().alertMarks[`a${i}`]!.startsAt }),
  )
  expect(await inbox.take(RECORDED, 'alertmanager', again)).toEqual({ ok: true })
  expect(first.engine.state.seq).toBe(log.length)
  await first.engine.close()

  // Nothing of it is lost to an engine that starts.
  const second = await openRecording(folder)
  const found = second.engine.state.projects.get(RECORDED)!
  expect(found.incidents).toMatchObject([{ id: 'i1', alerts: { firing: COUNT } }])
  const { seq } = second.engine.state
  expect(await inboxOf(second.engine).take(RECORDED, 'alertmanager', again)).toEqual({ ok: true })
  expect(second.engine.state.seq).toBe(seq)
  await second.engine.close()
})
