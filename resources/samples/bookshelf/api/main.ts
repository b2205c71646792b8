import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createApp } from './app.ts'
import { openStore, schemaVersion } from './database/store.ts'
import { loadAssets } from './http/assets.ts'
import { Metrics } from './http/metrics.ts'
import { loadTemplates } from './http/template.ts'

/**
 * Starts the server of a build: this folder and the pages beside it.
 * `DATABASE` is the file to work on, `PORT` (0 for any free one) and `HOST` where to listen,
 * `SLOW_QUERIES` a JSON file of milliseconds by query name.
 */
const here = import.meta.dirname
const { DATABASE, PORT = '0', HOST = '127.0.0.1', WEB = join(here, '..', 'web'), SLOW_QUERIES } = process.env
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

if (DATABASE === undefined) stopWith('set DATABASE to the file of the database')
const build = readJson(join(here, 'build.json'))
const store = openStore(DATABASE, SLOW_QUERIES === undefined ? {} : { slowAfter: readJson(SLOW_QUERIES) })
const schema = schemaVersion(store.database)
if (schema < build.schema)
  stopWith(`the database is at schema ${schema}, this build needs ${build.schema}: migrate first`)

const server = createApp({
  store,
  build,
  metrics: new Metrics(),
  templates: loadTemplates(WEB),
  assets: loadAssets(join(WEB, 'assets')),
  today: () => new Date().toISOString().slice(0, 10),
})
server.listen(Number(PORT), HOST, () => {
  const { address, port } = server.address() as AddressInfo
  console.log(`listening on http://${address}:${port}`)
})
process.once('SIGTERM', () => {
  server.close(() => store.database.close())
  server.closeAllConnections()
})

function stopWith(reason: string): never {
  console.error(`bookshelf does not start: ${reason}`)
  process.exit(1)
}
