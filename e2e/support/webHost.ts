import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { serveWeb } from '../../main/api/web/serveWeb.ts'
import { ENGINES } from '../../main/cli/host.ts'
import { createDesk } from '../../main/desk/createDesk.ts'
import { openEngineLink } from '../../main/hosting.ts'

/**
 * The headless host without built pages, to be killed: `webHost.ts DATA PORT` (0: any). Prints its port when it listens,
 * and goes on until it is ended.
 */
const [dataDir, port] = process.argv.slice(2) as [string, string]
const link = await openEngineLink({ dataDir, ways: ENGINES, host: true, log: (line) => console.error(line) })
const pages = join(dataDir, 'no-pages')
mkdirSync(pages, { recursive: true })
writeFileSync(join(pages, 'index.html'), '<!doctype html><title>none</title>')
const host = {
  host: 'browser',
  version: '0',
  platform: process.platform,
  dataDir,
  home: homedir(),
  person: 'tester',
  open: null,
} as const
const desk = createDesk({ dataDir, env: process.env })
const server = await serveWeb({ link, desk, host, dataDir, pages, port: Number(port) })
console.log(JSON.stringify({ port: server.port }))
