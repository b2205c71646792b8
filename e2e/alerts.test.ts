import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { amphi, jsonLines, PROJECT_ROOT } from './support/amphi.ts'
import { processLeftovers } from './support/processes.ts'
import { commitAll, type Playground, playground, writeFiles } from './support/repository.ts'

/**
 * Debian's Prometheus and Alertmanager fire a real alert at the headless host and resolve it. Two agents check, and the
 * engine is killed while they do.
 */
const TOOLS = ['/usr/bin/prometheus', '/usr/bin/prometheus-alertmanager']
const hasTools = TOOLS.every((tool) => existsSync(tool))
if (!hasTools && process.env.CI === 'true')
  throw new Error(`not there: ${TOOLS.join(', ')}; apt-get install prometheus prometheus-alertmanager`)

let place: Playground
/** Where checks say that they began and see that they may go on; they may be another user. */
let signals: string
let children: ChildProcess[] = []
let exporter: Server
let broken = 0

beforeEach(async () => {
  place = playground({ 'README.md': 'shop\n' })
  mkdirSync(place.data, { mode: 0o700 })
  signals = mkdtempSync(join(tmpdir(), 'amphi-signals-'))
  chmodSync(signals, 0o777)
  writeFiles(place.root, { 'amphitheatre.yaml': project(signals) })
  commitAll(place.root, 'project')
  broken = 0
  exporter = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(`# TYPE checkout_broken gauge\ncheckout_broken ${broken}\n`)
  })
  await listening(exporter)
})

afterEach(async () => {
  writeFileSync(gate(), '')
  for (const child of children) child.kill('SIGKILL')
  children = []
  exporter.close()
  await vi.waitFor(() => expect(processLeftovers(place.data)).toEqual([]), { timeout: 30_000, interval: 100 })
  rmSync(join(place.root, '..', 'prometheus'), { recursive: true, force: true })
  rmSync(signals, { recursive: true, force: true })
  place.remove()
})

const gate = (): string => join(signals, 'gate')
const begun = (name: string): string => join(signals, `begun-${name}`)

/** Each check says that it began, and waits to be let go on. */
const waiting = (folder: string, name: string): string =>
  `echo x >> "${folder}/begun-${name}"; until [ -e "${folder}/gate" ]; do sleep 0.05; done`

const project = (folder: string): string => `version: 1
runner: process
extends: amphitheatre-devops
playbooks:
  emergency:
    checks:
      - id: memory
        agent: MonitoringSentinel
        run: |
          ${waiting(folder, 'memory')}
          echo "finding=Memory of api has grown for an hour." >> "$AMPHITHEATRE_OUTPUT"
          echo cause=memory_leak >> "$AMPHITHEATRE_OUTPUT"
          echo confidence=0.9 >> "$AMPHITHEATRE_OUTPUT"
      - id: queries
        agent: DatabaseArchitect
        run: |
          ${waiting(folder, 'queries')}
          echo "finding=No query is slow." >> "$AMPHITHEATRE_OUTPUT"
    diagnosis:
      - {cause: memory_leak, signs: [{says: memory_leak, weight: 0.9}]}
    remedies:
      memory_leak: {run: 'true', agent: DeployCommander, title: Restart containers}
`

test.skipIf(!hasTools)(
  'an alert is fired, checked over the death of the engine, resolved and reported',
  async () => {
    const hook = jsonLines((await told('incident', 'hook', '--project', place.root, '--json')).stdout)[0]!
    let serve = await served()
    await watching(serve.port, String(hook.token))

    broken = 1
    const opened = await incidentWhen(({ state }) => state === 'open')
    expect(opened).toMatchObject({
      id: 'i1',
      severity: 'P0',
      title: 'Checkout is broken',
      alerts: { firing: 1 },
    })
    await vi.waitFor(() => expect([begun('memory'), begun('queries')].every(existsSync)).toBe(true), LONG)

    serve.process.kill('SIGKILL')
    serve = await served(serve.port)
    expect(await incidentWhen(() => true)).toMatchObject({ state: 'open', diagnosis: null })
    writeFileSync(gate(), '')
    const { diagnosis, findings } = await incidentWhen((one) => one.diagnosis !== null)
    expect(findings).toMatchObject([{ ok: true }, { ok: true }])
    expect(diagnosis).toMatchObject({ causes: [{ cause: 'memory_leak', confidence: 0.81 }] })
    // Neither agent was begun twice.
    expect(['memory', 'queries'].map((name) => readFileSync(begun(name), 'utf8'))).toEqual(['x\n', 'x\n'])

    broken = 0
    await incidentWhen(({ quietSince }) => quietSince !== null)
    await told('incident', 'decide', 'i1', 'task:mend-memory_leak', '--project', place.root)
    await incidentWhen(({ state, report }) => state === 'resolved' && report !== null)
    const { stdout } = await told('incident', 'report', 'i1', '--project', place.root)
    expect(stdout).toContain('# Incident 1: Checkout is broken')
    expect(stdout).toMatch(/\*\*Memory leak\*\*, 81 %/)
    expect(stdout).toMatch(/- \[ \] f1 Post-mortem of i1/)
  },
  170_000,
)

const LONG = { timeout: 60_000, interval: 100 }

async function told(...args: readonly string[]): ReturnType<typeof amphi> {
  const result = await amphi([...args, '--data', place.data])
  if (result.code !== 0 && result.code !== 3) throw new Error(`amphi ${args.join(' ')}: ${result.stderr}`)
  return result
}

interface Told {
  readonly state: string
  readonly quietSince: number | null
  readonly diagnosis: object | null
  readonly findings: readonly object[]
  readonly report: object | null
}

/** The one incident, when it is as wished. */
async function incidentWhen(condition: (incident: Told) => boolean): Promise<Told> {
  return vi.waitFor(async () => {
    const all = jsonLines(
      (await told('incident', '--project', place.root, '--json')).stdout,
    ) as unknown as Told[]
    const found = all.find(condition)
    if (found === undefined) throw new Error(`not yet: ${JSON.stringify(all)}`)
    return found
  }, LONG)
}

async function served(port = 0): Promise<{ readonly port: number; readonly process: ChildProcess }> {
  const [node, host] = [
    join(PROJECT_ROOT, 'node_modules/.bin/node'),
    join(PROJECT_ROOT, 'e2e/support/webHost.ts'),
  ]
  const child = begin(node, [host, place.data, String(port)])
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`the host ended with ${code}`)))
  })
  return { port: (JSON.parse(line) as { readonly port: number }).port, process: child }
}

function begin(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, {
    cwd: place.root,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  children.push(child)
  return child
}

/** Prometheus asks the exporter every second; Alertmanager tells the host. */
async function watching(port: number, token: string): Promise<void> {
  const folder = join(place.root, '..', 'prometheus')
  mkdirSync(folder)
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const [prometheus, alertmanager] = [await freePort(), await freePort()]
  const exported = (exporter.address() as AddressInfo).port
  const credentials = write('token', token)
  const rules = write(
    'rules.yml',
    'groups:\n- name: shop\n  rules:\n  - alert: CheckoutBroken\n    expr: checkout_broken == 1\n    labels: {severity: critical}\n    annotations: {summary: Checkout is broken}\n',
  )
  const scraped = write(
    'prometheus.yml',
    `global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: ['${rules}']\nalerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${alertmanager}']}]}]}\nscrape_configs: [{job_name: shop, static_configs: [{targets: ['127.0.0.1:${exported}']}]}]\n`,
  )
  const routed = write(
    'alertmanager.yml',
    `route: {receiver: amphitheatre, group_wait: 1s, group_interval: 1s}\nreceivers:\n- name: amphitheatre\n  webhook_configs:\n  - url: http://127.0.0.1:${port}/hooks/alertmanager\n    send_resolved: true\n    http_config: {authorization: {credentials_file: '${credentials}'}}\n`,
  )
  begin(TOOLS[1]!, [
    `--config.file=${routed}`,
    `--storage.path=${join(folder, 'am')}`,
    `--web.listen-address=127.0.0.1:${alertmanager}`,
    '--cluster.listen-address=',
  ]).stdout!.resume()
  begin(TOOLS[0]!, [
    `--config.file=${scraped}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${prometheus}`,
  ]).stdout!.resume()
}

async function freePort(): Promise<number> {
  const server = createServer()
  await listening(server)
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
}
