import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AgentSpec } from '../../engine/ports/runner.ts'
import { createTestBench, TEST_UID, type TestBench } from './testBench.ts'

let bench: TestBench
beforeAll(async () => {
  bench = await createTestBench()
}, 60_000)
afterAll(() => bench.dispose())

/** What a command prints inside, and how it ends. */
async function inside(task: string, command: string, more: Partial<AgentSpec> = {}) {
  const spec = bench.spec(task, command, more)
  await bench.runner.start(spec)
  const exit = await bench.runner.wait(spec.attempt, AbortSignal.timeout(30_000))
  const output = await bench.outputOf(spec.attempt)
  await bench.runner.remove(spec.attempt)
  return { exit, output }
}

it('runs without root, capabilities or new privileges, under a seccomp filter, with an init as process 1', async () => {
  const { output } = await inside('self', 'id -u; id -g; cat /proc/self/status; cat /proc/1/comm')
  expect(output).toMatch(new RegExp(`^${TEST_UID}\n${TEST_UID}\n`))
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
    expect(output).toMatch(new RegExp(`${set}:\\s0{16}\n`))
  }
  expect(output).toMatch(/NoNewPrivs:\s1\n/)
  expect(output).toMatch(/Seccomp:\s2\n/)
  expect(output).toMatch(/docker-init\n$/)
})

it('can write its temporary and working folders and nothing else', async () => {
  const script = `for d in / /bin /etc /proc/sys/kernel /sys; do touch $d/x 2>/dev/null && echo "wrote $d"; done
    touch /tmp/x /workspace/x /amphitheatre/x && echo fine; ls /var/run/docker.sock /run/docker.sock 2>/dev/null; pwd`
  expect((await inside('writes', script)).output).toBe('fine\n/workspace\n')
})

it('limits the temporary folder', async () => {
  const resources = { cpus: null, memoryBytes: 64 * 1024 * 1024, pids: null }
  const { output } = await inside('full', 'dd if=/dev/zero of=/tmp/x bs=1M count=40 2>&1', { resources })
  expect(output).toMatch(/No space left/)
})

it('limits processes', async () => {
  const script = 'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done; echo never'
  const resources = { cpus: null, memoryBytes: null, pids: 20 }
  const { output, exit } = await inside('pids', script, { resources })
  expect(output).toMatch(/can't fork/)
  expect(exit.code).not.toBe(0)
})

it('tells when the memory ran out', async () => {
  const resources = { cpus: null, memoryBytes: 16 * 1024 * 1024, pids: null }
  const { exit } = await inside('oom', 'x=a; while :; do x=$x$x$x; done', { resources })
  expect(exit).toMatchObject({ code: 137, oomKilled: true })
})

it('passes the limits on to the kernel', async () => {
  const resources = { cpus: 0.5, memoryBytes: 100 * 1024 * 1024, pids: 33 }
  const spec = bench.spec('limits', 'true', { resources })
  const { handle } = await bench.runner.start(spec)
  const { HostConfig: host } = await bench.docker.getContainer(handle).inspect()
  expect(host).toMatchObject({ NanoCpus: 5e8, Memory: 104857600, MemorySwap: 104857600, PidsLimit: 33 })
  expect(host.RestartPolicy?.Name).toBe('no')
  await bench.runner.wait(spec.attempt, AbortSignal.timeout(30_000))
  await bench.runner.remove(spec.attempt)
})

it('has no network at all with `none`', async () => {
  const { output } = await inside('offline', 'ls /sys/class/net; cat /proc/net/route')
  expect(output).toMatch(/^lo\nIface[^\n]*\n$/)
})

it('reaches its fellow agents by name with `run`, and nobody else', async () => {
  const host = createServer((socket) => socket.end('the host\n')).listen(0, '0.0.0.0')
  await once(host, 'listening')
  const { port } = host.address() as AddressInfo
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address
  const server = bench.spec('server', 'echo hello > index.html; nc -ll -p 8080 -e cat index.html', {
    network: 'run',
  })
  await bench.runner.start(server)
  const script = `i=0; until nc server 8080 </dev/null 2>/dev/null; do i=$((i+1)); [ $i -lt 50 ] || break; sleep 0.1; done
    timeout 2 nslookup example.com >/dev/null 2>&1 && echo resolved
    gateway=$(hostname -i | sed 's/[0-9]*$/1/')
    for ip in $gateway ${outside}; do nc -w 1 $ip ${port} </dev/null 2>/dev/null; done; echo; echo end`
  const client = await inside('client', script, { network: 'run' })
  expect(client.output).toBe('hello\n\nend\n')
  const online = await inside('client-online', script, { network: 'internet' })
  expect(online.output).toContain('the host')
  expect(online.output).toContain('hello')
  host.close()

  await bench.runner.releaseRun(server)
  expect((await bench.runner.find(server.attempt))?.status).toBe('running')
  expect(await networks()).toHaveLength(2)
  await bench.runner.remove(server.attempt)
  await bench.runner.releaseRun(server)
  await bench.runner.releaseRun(server)
  expect(await networks()).toHaveLength(0)
}, 30_000)

it('has a default route with `internet`, is on the run network too, and knows the certificates of the host', async () => {
  const script = `awk '$2=="00000000"' /proc/net/route | wc -l; ls /sys/class/net | wc -l; ls $SSL_CERT_FILE`
  const { output } = await inside('online', script, { network: 'internet' })
  expect(output).toBe('1\n3\n/etc/ssl/certs/ca-certificates.crt\n')
  expect(await networks()).toHaveLength(2)
  await bench.runner.releaseRun(bench.spec('online', ''))
  expect(await networks()).toHaveLength(0)
})

it('makes the network of a run once for agents that start together, and anew when it vanished', async () => {
  const specs = ['n1', 'n2', 'n3', 'n4'].map((task) => bench.spec(task, 'true', { network: 'run' }))
  const other = bench.another()
  const ends = await Promise.all(
    specs.map(async (spec, index) => {
      const runner = index % 2 === 0 ? bench.runner : other
      await runner.start(spec)
      const exit = await runner.wait(spec.attempt, AbortSignal.timeout(30_000))
      await runner.remove(spec.attempt)
      return exit.code
    }),
  )
  expect(ends).toEqual([0, 0, 0, 0])
  expect(await networks()).toHaveLength(1)
  for (const network of await networks()) await bench.docker.getNetwork(network.Id).remove()
  expect((await inside('n5', 'true', { network: 'run' })).exit.code).toBe(0)
  await other.releaseRun(specs[0]!)
})

function networks() {
  return bench.docker.listNetworks({ filters: { label: [`amphitheatre.install=${bench.install}`] } })
}
