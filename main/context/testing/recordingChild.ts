import { commandId } from '../../domain/ids.ts'
import { ContextWriter } from '../contextWriter.ts'
import { openRecording, RECORDED } from './engine.ts'

/** Records components and risks for ever, and says after each that it is on disk; the context follows. */
const dataDir = process.argv[2]!
const { engine } = await openRecording(dataDir)
const writer = new ContextWriter({ dataDir, log: console.error, delayMs: 1 })
await writer.follow(engine)
const send = (command: Parameters<typeof engine.dispatch>[0]) =>
  engine.dispatch(command, 'person:ann', commandId(crypto.randomUUID()))
await send({ type: 'project.register', project: RECORDED, root: '/p', name: 'p' })
for (let i = 1; ; i++) {
  const name = `part-${i % 7}/of-${i % 3}`
  await send({ type: 'component.record', project: RECORDED, component: { name, change: `change ${i}` } })
  const risk = { id: `r-${i % 5}`, title: `risk ${i}`, impact: 'x'.repeat((i * 97) % 3_000) }
  await send({ type: 'risk.record', project: RECORDED, risk })
  process.stdout.write(`${i}\n`)
}
