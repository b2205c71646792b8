import { enableCompileCache, flushCompileCache } from 'node:module'

/**
 * A host process to be killed: `recoveringHost.ts FOLDER CONTAINERS PROCESSES`. Starts runs of so many sleeping agents
 * unless the data folder has them; prints `running` when all run, or `recovered` with times when all are accounted for.
 */
const [folder, ...counts] = process.argv.slice(2) as [string, string, string]
const [containers, processes] = counts.map(Number) as [number, number]
const booted = performance.now()
// As the command line does it.
enableCompileCache(`${folder}/compiled`)
const { openHost } = await import('../../main/headless.ts')
const loaded = performance.now()
const opened = await openHost({ dataDir: `${folder}/data` })
if (!opened.ok) throw new Error('another host has the data folder')
const { host } = opened
const open = performance.now()
const known = await host.center.runs({ limit: 1 })
if (known.length === 0) await begin()
else {
  const found = await host.recovered
  const times = { booted, loaded, open, recovered: performance.now() }
  console.log('recovered', JSON.stringify({ ...found, ...times }))
}
// As an earlier start that ended in good order has left it; one that is killed leaves none.
flushCompileCache()
// Until it is killed.
setInterval(() => undefined, 60_000)

async function begin(): Promise<void> {
  const { BENCH_PROJECT } = await import('./benchHost.ts')
  const { TEST_IMAGE } = await import('./docker.ts')
  const { benchPlan, graph } = await import('./plans.ts')
  const { runId } = await import('../../main/domain/ids.ts')
  const project = BENCH_PROJECT
  await host.center.dispatch({ command: { type: 'project.register', project, root: folder, name: 'bench' } })
  for (const [runner, count] of Object.entries({ docker: containers, process: processes })) {
    if (count === 0) continue
    const tasks = graph('wide', count).map((task) => ({ ...task, run: 'sleep 3600' }))
    // Slots for all: what one run holds counts against the other's.
    const plan = benchPlan(tasks, { slots: containers + processes, image: TEST_IMAGE })
    const run = runId(`bench-${process.pid}-${runner}`)
    console.log(runner, run)
    const outcome = await host.center.dispatch({ command: { type: 'run.start', project, run, runner, plan } })
    if (!outcome.ok) throw new Error(outcome.reason)
  }
  let started = 0
  for await (const event of host.center.events(0, new AbortController().signal)) {
    if (event.type === 'agent.started' && ++started === containers + processes) break
  }
  console.log('running')
}
