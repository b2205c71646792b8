import { flushCompileCache } from 'node:module'
import { loadProject, planFor } from '../../main/config/index.ts'
import { projectId, runId } from '../../main/domain/ids.ts'
import { openHost } from '../../main/headless.ts'

/**
 * A host process to be killed: `host.ts DATA ROOT RUN RUNNER [EPIC]`. Opens the data folder, starts the run unless it is
 * there, and ends when nothing is under way. Prints `ready` when it has taken over.
 */
const [data, root, run, runner, epic = 'generated'] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string?,
]
const opened = await openHost({ dataDir: data, log: (line) => console.error(line) })
if (!opened.ok) throw new Error('another host has the data folder')
const { center, idle, close } = opened.host
console.log('ready')
// One that is killed cannot do so at its end.
flushCompileCache()
const project = projectId('e2e')
await center.dispatch({ command: { type: 'project.register', project, root, name: 'e2e' } })
const known = (await center.runs({})).some((row) => row.run === run)
if (!known) {
  const loaded = await loadProject(`${root}/amphitheatre.yaml`, { env: {}, root })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const plan = planFor(loaded.project, epic)!
  await center.dispatch({ command: { type: 'run.start', project, run: runId(run), runner, plan } })
}
await idle()
await close()
console.log('done')
