import { projectId } from '../../main/domain/ids.ts'
import { openHost } from '../../main/headless.ts'

/**
 * A host process to be killed: `scheduleHost.ts DATA ROOT`. Opens the data folder and stays; prints
 * `settled DUE` for each due time whose run is over.
 */
const [data, root] = process.argv.slice(2) as [string, string]
const opened = await openHost({ dataDir: data, log: (line) => console.error(line) })
if (!opened.ok) throw new Error('another host has the data folder')
const { center, close } = opened.host
const command = { type: 'project.register', project: projectId('e2e'), root, name: 'e2e' } as const
await center.dispatch({ command })
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const dues = new Map<string, number>()
for await (const { data: event, run } of center.events(0, stop.signal)) {
  if (event.type === 'schedule.fired') dues.set(event.run, event.due)
  // The start of a run is on record before what it was started for.
  if (event.type === 'run.settled' && dues.has(run!)) console.log(`settled ${dues.get(run!)}`)
}
await close()
