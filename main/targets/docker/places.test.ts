import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import type { TargetPlace, TargetRecord, TargetSpec } from '../../domain/targets/target.ts'
import { quoted } from '../places/command.ts'
import { type AppEnv, buildApp, removeApps } from '../testing/app.ts'
import { type Acted, createTargetBench, freePort, type TargetBench } from '../testing/bench.ts'
import { targetId } from './place.ts'

let bench: TargetBench
let folder: string
const built = new Set<string>()
const { PATH } = process.env
beforeEach(async () => {
  bench = await createTargetBench()
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-places-'))
})
afterEach(async () => {
  process.env.PATH = PATH
  await bench.dispose()
  rmSync(folder, { recursive: true, force: true })
})
afterAll(() => removeApps(built))

async function app(version: string, env: AppEnv = {}): Promise<string> {
  const image = await buildApp(bench.docker, version, env)
  built.add(image)
  return image
}

function at(place: TargetPlace, paths: readonly string[] = []): TargetSpec {
  return { ...bench.target, place, verify: { ...bench.target.verify, paths, timeoutMs: 10_000 } }
}

async function deploy(
  target: TargetSpec,
  image: string,
  version: string,
  known: TargetRecord | null = null,
): Promise<Acted> {
  const spec = bench.spec({ do: 'deploy', from: { image }, version }, { target })
  return bench.act({ ...spec, action: { ...spec.action, root: folder, known } })
}

/** What the project would know after it. */
function after(target: TargetSpec, { outputs }: Acted): TargetRecord {
  const release = JSON.parse(outputs.release!)
  const current = { release, by: 'r/t#1', at: 0, before: null, verified: true }
  return { spec: target, current, history: [current], state: 'healthy', busy: null, reason: null }
}

/** A machine of a developer's need not have it; the one that decides has everything. */
const needs = (program: string) => it.skipIf(process.env.CI !== 'true' && !existsSync(program))

needs('/usr/bin/docker-compose')(
  'releases a service of a compose file and goes back to the version before',
  async () => {
    const port = await freePort()
    writeFileSync(
      join(folder, 'compose.yaml'),
      `version: "3"
services:
  web:
    image: \${IMAGE}
    environment: {PORT: "3000"}
    ports: ["127.0.0.1:${port}:3000"]
`,
    )
    const url = `http://127.0.0.1:${port}`
    const target = at(
      { kind: 'compose', file: 'compose.yaml', service: 'web', imageVariable: 'IMAGE', url },
      ['/'],
    )
    const get = async () => (await fetch(url)).text()
    try {
      const first = await deploy(target, await app('v1'), 'v1')
      expect(first.exit.error).toBeNull()
      expect(await get()).toBe('v1')
      const known = after(target, first)
      const bad = await deploy(target, await app('bad', { ROOT: '500' }), 'bad', known)
      expect(bad.exit.error).toMatch(/does not verify: \/ answers 500/)
      expect(bad.outputs).toMatchObject({ verified: 'false', back: 'true' })
      expect(await until(get, 'v1')).toBe('v1')
      const second = await deploy(target, await app('v2'), 'v2', known)
      expect(second.exit.error).toBeNull()
      expect(await get()).toBe('v2')
    } finally {
      const project = `amphi${targetId(bench.install, 'shop', 'staging')}`
      execFileSync('docker-compose', ['-p', project, '-f', join(folder, 'compose.yaml'), 'down'], {
        env: { ...process.env, IMAGE: 'none' },
        stdio: 'ignore',
      })
    }
  },
  180_000,
)

needs('/usr/sbin/sshd')(
  'runs the commands of a target at the other end of ssh, whatever is in an image or a version',
  async () => {
    const port = await freePort()
    const sshd = await startSshd(port)
    try {
      const config = join(folder, 'ssh')
      // The program finds its settings where a person's ssh does.
      const wrapper = join(folder, 'bin')
      mkdirSync(wrapper)
      writeFileSync(join(wrapper, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${quoted(config)} "$@"\n`)
      chmodSync(join(wrapper, 'ssh'), 0o755)
      process.env.PATH = `${wrapper}:${PATH}`
      const file = join(folder, 'released')
      const commands = {
        deploy: `printf '%s %s' "$AMPHITHEATRE_IMAGE" "$AMPHITHEATRE_VERSION" > ${quoted(file)}`,
        rollback: null,
        restart: null,
        health: `! grep -q bad ${quoted(file)}`,
      }
      const target = at({ kind: 'ssh', host: 'there', commands, url: null })
      const strange = `1 '$(touch ${join(folder, 'owned')})' "; #`
      const first = await deploy(target, 'registry.invalid/shop:1', strange)
      expect(first.exit.error).toBeNull()
      expect(readFileSync(file, 'utf8')).toBe(`registry.invalid/shop:1 ${strange}`)
      expect(() => readFileSync(join(folder, 'owned'))).toThrow(/ENOENT/)
      const quick = { ...target, verify: { ...target.verify, timeoutMs: 100 } }
      const bad = await deploy(quick, 'registry.invalid/shop:bad', '2', after(target, first))
      expect(bad.exit.error).toMatch(/health command ended with code 1/)
      expect(readFileSync(file, 'utf8')).toBe(`registry.invalid/shop:1 ${strange}`)
    } finally {
      sshd.kill()
      await once(sshd, 'exit')
    }
  },
  120_000,
)

it('speaks kubectl and helm as they want to be spoken to', async () => {
  // Neither a cluster nor helm is here: what is called is written down, and what was answered is played back.
  const log = recorded({
    kubectl: `case "$*" in *" get "*) cat ${quoted(join(folder, 'now'))};; *"set image"*) echo "\${5#*=}" > ${quoted(join(folder, 'now'))};; *rollout*) echo 'deployment "shop" successfully rolled out';; esac`,
    helm: `case "$1" in history) echo '[{"revision":4,"status":"deployed"}]';; status) echo '{"info":{"status":"failed"}}';; esac`,
  })
  writeFileSync(join(folder, 'now'), 'shop:1')
  const kubectl = at({
    kind: 'kubectl',
    context: 'prod',
    namespace: 'shop',
    workload: 'deployment/shop',
    container: 'web',
    url: null,
  })
  expect((await deploy(kubectl, 'registry.invalid/shop:2', '')).exit.error).toBeNull()
  expect(log()).toEqual([
    'kubectl --context prod --namespace shop get deployment/shop -o jsonpath={.spec.template.spec.containers[?(@.name=="web")].image}',
    'kubectl --context prod --namespace shop get deployment/shop -o jsonpath={.spec.template.spec.containers[?(@.name=="web")].image}',
    'kubectl --context prod --namespace shop set image deployment/shop web=registry.invalid/shop:2',
    'kubectl --context prod --namespace shop rollout status deployment/shop --timeout=300s',
    'kubectl --context prod --namespace shop rollout status deployment/shop --watch=false',
  ])
  const helm = at({
    kind: 'helm',
    context: null,
    namespace: 'shop',
    release: 'shop',
    chart: 'charts/shop',
    imageValue: 'image.tag',
    url: null,
  })
  const quick = { ...helm, verify: { ...helm.verify, timeoutMs: 100 } }
  const end = await deploy(quick, 'shop:3', '')
  expect(end.exit.error).toMatch(/does not verify/)
  expect(log()).toEqual([
    'helm history shop --max 1 -o json --namespace shop',
    'helm upgrade --install shop charts/shop --set-string image.tag=shop:3 --wait --timeout 300s --namespace shop',
    'helm history shop --max 1 -o json --namespace shop',
    'helm status shop -o json --namespace shop',
    'helm rollback shop 4 --wait --timeout 300s --namespace shop',
  ])
  process.env.PATH = folder
  expect((await deploy(helm, 'shop:3', '')).exit.error).toMatch(/helm is not installed on this machine/)
}, 120_000)

/** Programs that write down how they are called; answers the lines since it was last asked. */
function recorded(programs: Readonly<Record<string, string>>): () => readonly string[] {
  const file = join(folder, 'calls')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${quoted(file)}\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  process.env.PATH = `${bin}:${PATH}`
  return () => {
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    writeFileSync(file, '')
    return lines
  }
}

async function until(ask: () => Promise<string>, wanted: string): Promise<string> {
  for (let i = 0; ; i++) {
    const found = await ask().catch((error: Error) => error.message)
    if (found === wanted || i === 100) return found
    await delay(100)
  }
}

/** A real one on the loopback address, with keys of its own. */
async function startSshd(port: number) {
  const key = (name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
    return join(folder, name)
  }
  const [host, person] = [key('host'), key('person')]
  const keys = join(folder, 'authorized')
  writeFileSync(keys, readFileSync(`${person}.pub`), { mode: 0o600 })
  const lines = [
    `HostKey ${host}`,
    `AuthorizedKeysFile ${keys}`,
    `ListenAddress 127.0.0.1:${port}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'UsePAM no',
  ]
  writeFileSync(join(folder, 'sshd'), `${lines.join('\n')}\n`)
  writeFileSync(
    join(folder, 'ssh'),
    `Host there\n  HostName 127.0.0.1\n  Port ${port}\n  IdentityFile ${person}\n  StrictHostKeyChecking no\n  UserKnownHostsFile ${join(folder, 'hosts')}\n  LogLevel ERROR\n`,
  )
  mkdirSync('/run/sshd', { recursive: true })
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  for await (const chunk of child.stderr) {
    said += chunk.toString()
    if (said.includes('Server listening')) break
  }
  return child
}
