import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestBench, type TestBench } from './testBench.ts'

/**
 * A socket in front of the daemon that passes everything on, and loses the answer to requests that match: the
 * daemon has done what was asked, the caller sees a broken connection.
 */
interface LossySocket {
  readonly path: string
  /** Loses the answers of the next `times` requests whose first line matches. */
  lose(request: RegExp, times: number): void
  lost(): number
  close(): Promise<void>
}

async function createLossySocket(path: string): Promise<LossySocket> {
  let rule: { request: RegExp; times: number } | undefined
  let lost = 0
  const server: Server = createServer((client) => {
    const daemon = connect('/var/run/docker.sock')
    let losing = false
    client.on('data', (chunk) => {
      const line = chunk.toString('latin1').split('\r\n')[0] ?? ''
      if (rule !== undefined && rule.times > 0 && rule.request.test(line)) {
        rule.times--
        losing = true
      }
      daemon.write(chunk)
    })
    daemon.on('data', (chunk) => {
      if (!losing) client.write(chunk)
      else {
        lost++
        client.destroy()
        daemon.destroy()
      }
    })
    client.on('close', () => daemon.destroy())
    daemon.on('close', () => client.destroy())
    for (const socket of [client, daemon]) socket.on('error', () => undefined)
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    path,
    lose: (request, times) => {
      rule = { request, times }
    },
    lost: () => lost,
    close: async () => {
      server.close()
    },
  }
}

let direct: TestBench
let lossy: LossySocket
let bench: TestBench
beforeEach(async () => {
  direct = await createTestBench()
  lossy = await createLossySocket(join(direct.folder, 's'))
  bench = await createTestBench(lossy.path)
})
afterEach(async () => {
  await bench.dispose()
  await lossy.close()
  await direct.dispose()
})

it.each([
  ['create', /POST \/containers\/create/],
  ['start', /POST \/containers\/\w+\/start/],
  ['kill', /POST \/containers\/[\w-]+\/kill/],
  ['remove', /DELETE \/containers/],
  ['network', /POST \/networks\/create/],
  ['anything', /(POST|DELETE|GET) \/(containers|networks)\//],
] as const)('does each thing once although the answer to %s is lost', async (_, request) => {
  const spec = bench.spec('lost', 'echo ran >> $AMPHITHEATRE_OUTPUT; sleep 60', { network: 'run' })
  lossy.lose(request, 1)
  expect(await bench.runner.start(spec)).toMatchObject({ status: 'running' })
  const waiting = bench.runner.wait(spec.attempt, AbortSignal.timeout(30_000))
  await expect.poll(() => readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
  await bench.runner.stop(spec.attempt, 5_000)
  expect((await waiting).code).toBe(143)
  await bench.runner.remove(spec.attempt)
  await bench.runner.releaseRun(spec)
  expect(lossy.lost()).toBe(1)
  expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
})

it('keeps the exit code of an agent that was over before its lost start was noticed', async () => {
  const spec = bench.spec('again', 'echo ran >> $AMPHITHEATRE_OUTPUT; exit 4')
  lossy.lose(/POST \/containers\/\w+\/start/, 1)
  const again = await bench.runner.start(spec)
  expect(['running', 'exited']).toContain(again.status)
  expect((await bench.runner.wait(spec.attempt, AbortSignal.timeout(30_000))).code).toBe(4)
  expect((await direct.docker.getContainer(again.handle).inspect()).State.ExitCode).toBe(4)
  await bench.runner.remove(spec.attempt)
  expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
})

it('says unavailable when answers go on being lost, and starts the attempt once when asked again', async () => {
  const spec = bench.spec('later', 'echo ran >> $AMPHITHEATRE_OUTPUT')
  lossy.lose(/(POST|GET) \/containers\/\w+\/(start|json)/, 3)
  await expect(bench.runner.start(spec)).rejects.toMatchObject({ kind: 'unavailable' })
  expect(['running', 'exited']).toContain((await bench.runner.start(spec)).status)
  expect((await bench.runner.wait(spec.attempt, AbortSignal.timeout(30_000))).code).toBe(0)
  await bench.runner.remove(spec.attempt)
  expect(readFileSync(join(spec.exchange, 'output'), 'utf8')).toBe('ran\n')
})
