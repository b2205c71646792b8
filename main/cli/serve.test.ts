import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../api/pages/testing/eventually.ts'
import { listen } from '../api/pages/testing/pagesContract.ts'
import type { WebServer } from '../api/web/serveWeb.ts'
import { ask, enter, openBridge, WebFixture } from '../api/web/testing/webFixture.ts'

/** The command in processes of its own, with the real engine, on pages that need no build. */
const SCRIPT = `
  import { ENGINES } from '${import.meta.dirname}/host.ts'
  import { explainError } from '${import.meta.dirname}/errors.ts'
  import { processOutput } from '${import.meta.dirname}/output.ts'
  import { serve } from '${import.meta.dirname}/commands/serve.ts'
  const { env, stdin } = process
  const [dataDir, pages, path, options] = JSON.parse(env.WANTED)
  const context = { dataDir, cwd: pages, env, stdin, out: processOutput(process, env, true), engines: ENGINES }
  process.exitCode = await serve(context, path ?? undefined, options, pages).catch((error) => {
    console.error(explainError(error, env).join('\\n'))
    return 2
  })
`

interface Served {
  readonly child: ChildProcess
  readonly told: {
    port: number
    pid: number
    enginePid: number
    hosting: boolean
    address: string
    url: string
  }
  readonly server: WebServer
}

let fixture: WebFixture
let children: ChildProcess[]
beforeEach(() => {
  fixture = new WebFixture()
  children = []
  mkdirSync(`${fixture.dir}/runtime`, { mode: 0o700 })
})
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await fixture.remove()
})

function start(options: object = {}, path: string | null = null): ChildProcess {
  const { dataDir, pages, dir } = fixture
  const env = {
    PATH: process.env['PATH'],
    HOME: dir,
    XDG_RUNTIME_DIR: `${dir}/runtime`,
    WANTED: JSON.stringify([dataDir, pages, path, options]),
  }
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

async function serve(options: object = {}, path: string | null = null): Promise<Served> {
  const child = start(options, path)
  let errors = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8')
  })
  const [line] = (await Promise.race([
    once(createInterface(child.stdout!), 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error(errors))),
  ])) as [string]
  const told = JSON.parse(line) as Served['told']
  return { child, told, server: { port: told.port, invitation: told.address } as WebServer }
}

/** Not the usual one: others that run at the same time may want it. */
async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

test('it hosts the engine, lets a browser in, and ends when told', async () => {
  const { child, told, server } = await serve({}, '.')
  expect(told).toMatchObject({ pid: child.pid, enginePid: child.pid, hosting: true })
  const bridge = openBridge(server, await enter(server))
  expect(await bridge.request('host', {})).toMatchObject({ host: 'browser', open: fixture.pages })
  expect(await bridge.request('health', {})).toMatchObject({ pid: child.pid, engine: { status: 'running' } })
  expect(await bridge.request('browse', { path: fixture.dir })).toMatchObject({ path: fixture.dir })
  bridge.close()
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  await expect(ask(server, '/')).rejects.toThrow(/ECONNREFUSED/)
})

test('a second one is a client of the first; when that is killed it takes over, and its open page goes on', async () => {
  const first = await serve()
  const second = await serve()
  expect(second.told).toMatchObject({ pid: second.child.pid, enginePid: first.child.pid, hosting: false })
  const bridge = openBridge(second.server, await enter(second.server))
  const connection = listen(bridge, 'connection')
  expect(await bridge.request('health', {})).toMatchObject({ pid: first.child.pid })
  first.child.kill('SIGKILL')
  await eventually(() =>
    expect(connection.at(-1)).toEqual({ status: 'connected', enginePid: second.child.pid }),
  )
  expect(connection.map(({ status }) => status)).toEqual(['connected', 'lost', 'connected'])
  expect(await bridge.request('health', {})).toMatchObject({ pid: second.child.pid })
  bridge.close()
})

test('killed and started again at the same port, an open page comes back by its cookie', async () => {
  const first = await serve({ port: await freePort() })
  const bridge = openBridge(first.server, await enter(first.server))
  await bridge.request('snapshot', {})
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await serve({ port: String(first.told.port) })
  bridge.wake()
  await eventually(() => expect(bridge.sockets.at(-1)!.readyState).toBe(1))
  expect(await bridge.request('health', {})).toMatchObject({ pid: second.child.pid })
  bridge.close()
})

test('what it cannot do it says at once, with the remedy', async () => {
  const child = start({ host: '0.0.0.0' })
  const errors: Buffer[] = []
  child.stderr!.on('data', (chunk: Buffer) => errors.push(chunk))
  expect(await once(child, 'exit')).toEqual([2, null])
  expect(Buffer.concat(errors).toString('utf8')).toMatch(/0\.0\.0\.0[\s\S]*ssh -L/)
})
