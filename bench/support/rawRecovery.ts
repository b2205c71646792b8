import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire, enableCompileCache } from 'node:module'

/**
 * The floor of a recovery: `rawRecovery.ts FOLDER LABEL`. Boots, opens the database, lists the containers in one
 * call, looks in /proc whether the process each state file names is there, writes one commit, prints `done`.
 */
const [folder, label] = process.argv.slice(2) as [string, string]
enableCompileCache(`${folder}/compiled`)
const require = createRequire(import.meta.url)
const Database = require('better-sqlite3') as typeof import('better-sqlite3')
const Docker = require('dockerode') as typeof import('dockerode')
const db = new Database(`${folder}/raw.db`)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec('CREATE TABLE IF NOT EXISTS seen (at INTEGER, containers INTEGER)')
const agents = `${folder}/data/processes/agents`
let processes = 0
for (const key of existsSync(agents) ? readdirSync(agents) : []) {
  const { supervisor } = JSON.parse(readFileSync(`${agents}/${key}/state.json`, 'utf8'))
  const stat = readFileSync(`/proc/${supervisor.pid}/stat`, 'latin1')
  if (stat.includes(supervisor.start)) processes += 1
}
const containers = await new Docker().listContainers({ all: true, filters: { label: [label] } })
db.prepare('INSERT INTO seen VALUES (?, ?)').run(Date.now(), containers.length + processes)
console.log('done', containers.length + processes)
process.exit(0)
