import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RollbackPoint } from '../domain/points/point.ts'
import type { TargetPlace, TaskAction } from '../domain/targets/target.ts'
import { targetId } from '../targets/docker/place.ts'
import { quoted } from '../targets/places/command.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import { freePort } from '../targets/testing/bench.ts'
import { type Rolling, startRolling } from './testing/rolling.ts'
import { restore } from './testing/steps.ts'

/**
 * Targets that are reached by a program: v1, then a bad v2 that is left where it is, then back to the point before it,
 * verified, and forward again by the point of the first step. Data by commands of the project's own: a folder by tar, a
 * Redis by its own snapshot.
 */
let world: Rolling
const { PATH } = process.env
afterEach(async () => {
  process.env.PATH = PATH
  await world.dispose()
})
const needs = (program: string) => describe.skipIf(process.env.CI !== 'true' && !existsSync(program))

const deploy = (image: string, version: string): TaskAction => ({ do: 'deploy', from: { image }, version })
const verify = {
  paths: ['/'],
  run: null,
  image: null,
  settleMs: 0,
  timeoutMs: 1_000,
  onFailure: 'stay',
} as const

const done: Rolling['done'] = (action, run) => world.done(action, run)

/** The bad one is in its place, and told to be unwell. Resolves to the point before it. */
async function bad(action: TaskAction): Promise<RollbackPoint> {
  const acted = await world.act(action)
  expect(acted.exit.error).toMatch(/does not verify/)
  expect(acted.outputs).toMatchObject({ state: 'unhealthy', verified: 'false' })
  return world.points.at(-1)!
}

/** As a rollback does it. Resolves to the point of its first step. */
async function back(point: RollbackPoint, run: string): Promise<RollbackPoint> {
  await done({ do: 'point', name: null, why: 'rollback' }, run)
  const saved = world.points.at(-1)!
  for (const action of [
    ...(point.database === null ? [] : [{ do: 'hold' } as const, restore(point, 'database')]),
    restore(point, 'image'),
    { do: 'verify' } as const,
  ]) {
    const { outputs } = await done(action, run)
    if (action.do === 'verify') expect(outputs).toEqual({ verified: 'true', state: 'healthy' })
  }
  return saved
}

/** Programs that write down how they are called, and answer as the real ones do; never a cluster. */
function played(programs: Readonly<Record<string, string>>): () => readonly string[] {
  const bin = join(world.bench.folder, 'bin')
  const file = join(world.bench.folder, 'calls')
  mkdirSync(bin, { recursive: true })
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${quoted(file)}\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  process.env.PATH = `${bin}:${PATH}`
  return () => {
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    rmSync(file)
    return lines
  }
}

needs('/usr/bin/docker-compose')('a service of a compose file', () => {
  const built: string[] = []
  let url: string
  beforeEach(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    world = await startRolling({
      place: { kind: 'compose', file: 'compose.yaml', service: 'web', imageVariable: 'IMAGE', url },
      database: null,
      verify: { ...verify, timeoutMs: 10_000 },
    })
    writeFileSync(
      join(world.root, 'compose.yaml'),
      `version: "3"\nservices:\n  web:\n    image: \${IMAGE}\n    environment: {PORT: "3000"}\n    ports: ["127.0.0.1:${port}:3000"]\n`,
    )
    for (const [version, env] of [
      ['v1', {}],
      ['v2', { ROOT: '500' }],
    ] as const)
      built.push(await buildApp(world.bench.docker, version, { ...env, SLOW_MS: '14' }))
  }, 300_000)
  afterEach(async () => {
    const project = `amphi${targetId(world.bench.install, 'shop', 'staging')}`
    const left = await world.bench.docker.listContainers({
      all: true,
      filters: { label: [`com.docker.compose.project=${project}`] },
    })
    for (const { Id } of left) await world.bench.docker.getContainer(Id).remove({ force: true })
    await removeApps(built)
  })

  it('goes back and is verified; taken down, nothing of it is left', async () => {
    const [v1, v2] = built
    await done(deploy(v1!, 'v1'))
    const point = await bad(deploy(v2!, 'v2'))
    expect((await fetch(url)).status).toBe(500)
    await back(point, 'back')
    expect(await (await fetch(url)).text()).toBe('v1')
    const { outputs } = await done({ do: 'take-down', withData: true })
    expect(outputs['taken-down']).toBe('data')
    await expect(fetch(url)).rejects.toThrow()
    const project = `amphi${targetId(world.bench.install, 'shop', 'staging')}`
    const filters = { label: [`com.docker.compose.project=${project}`] }
    expect(await world.bench.docker.listContainers({ all: true, filters })).toEqual([])
    expect(await world.bench.docker.listNetworks({ filters })).toEqual([])
  }, 300_000)
})

describe('a machine that is reached by ssh', () => {
  const folderOf = () => join(world.bench.folder, 'there')
  async function start(database: { readonly dump: string; readonly restore: string }, deploys: string) {
    const commands = {
      deploy: deploys,
      rollback: null,
      restart: null,
      health: `! grep -q bad there/released`,
      takeDown: 'rm there/released',
    }
    const place: TargetPlace = { kind: 'ssh', host: 'there', commands, url: null }
    world = await startRolling({ place, database: { kind: 'hook', name: 'own', hook: database }, verify })
    mkdirSync(folderOf())
  }
  /** What is to run there runs here, in the test's own folder. */
  const ssh = () =>
    played({ ssh: `for last; do :; done; cd ${quoted(world.bench.folder)}; exec sh -c "$last"` })

  it('with a folder that is kept by tar: image and data come back, and go forward again', async () => {
    // The folder is known once there is one.
    const file = join('/tmp', `amphi-hook-${process.pid}`)
    const hook = { dump: `tar -C ${file} -c .`, restore: `rm -rf ${file}/* && tar -C ${file} -x` }
    mkdirSync(file)
    try {
      await start(hook, `echo "$AMPHITHEATRE_VERSION $AMPHITHEATRE_IMAGE" > there/released`)
      ssh()
      const read = () => [
        readFileSync(join(folderOf(), 'released'), 'utf8').trim(),
        readFileSync(join(file, 'notes'), 'utf8').trim(),
      ]
      writeFileSync(join(file, 'notes'), 'ann')
      await done(deploy('registry.invalid/shop:1', '1'))
      const point = await bad(deploy('registry.invalid/shop:bad', '2'))
      expect(point.database).toMatchObject({ kind: 'hook', rows: {} })
      writeFileSync(join(file, 'notes'), 'ann,bob')
      writeFileSync(join(file, 'more'), 'new')
      const saved = await back(point, 'back')
      expect(read()).toEqual(['1 registry.invalid/shop:1', 'ann'])
      expect(existsSync(join(file, 'more'))).toBe(false)
      await done(restore(saved, 'database'), 'forth')
      expect([read()[1], readFileSync(join(file, 'more'), 'utf8')]).toEqual(['ann,bob', 'new'])
      const { outputs } = await done({ do: 'take-down', withData: false })
      expect([outputs['taken-down'], existsSync(join(folderOf(), 'released'))]).toEqual(['', false])
    } finally {
      rmSync(file, { recursive: true })
    }
  }, 120_000)

  it('a restore command that fails: the step fails in its words, and says that the data may be another', async () => {
    await start({ dump: 'echo data', restore: 'echo no room there >&2; exit 4' }, 'echo ok > there/released')
    ssh()
    await done(deploy('registry.invalid/shop:1', '1'))
    await done({ do: 'point', name: null, why: 'hand' })
    const failed = await world.act(restore(world.points.at(-1)!, 'database'), 'back')
    expect(failed.exit.error).toContain('no room there')
  }, 120_000)
})

needs('/usr/bin/redis-server')('a Redis, by its own snapshot', () => {
  it('is dumped, checked by itself, and put back by its file', async () => {
    const port = await freePort()
    const folder = join('/tmp', `amphi-redis-${process.pid}`)
    mkdirSync(folder)
    const cli = `redis-cli -p ${port}`
    const begin = `redis-server --port ${port} --bind 127.0.0.1 --dir ${folder} --save '' --daemonize yes >/dev/null`
    const ask = (...args: readonly string[]) =>
      execFileSync('redis-cli', ['-p', String(port), ...args], { encoding: 'utf8' }).trim()
    const up = `until ${cli} ping 2>/dev/null | grep -q PONG; do sleep 0.05; done`
    const hook = {
      dump: `${cli} save >/dev/null && cat ${folder}/dump.rdb`,
      check: `cat > ${folder}/checked.rdb && redis-check-rdb ${folder}/checked.rdb >&2`,
      restore: `cat > ${folder}/new.rdb && { ${cli} shutdown nosave 2>/dev/null; while ${cli} ping >/dev/null 2>&1; do sleep 0.05; done; mv ${folder}/new.rdb ${folder}/dump.rdb; ${begin}; ${up}; }`,
    }
    execFileSync('sh', ['-c', `${begin}; ${up}`])
    try {
      const commands = { deploy: 'true', rollback: null, restart: null, health: null }
      world = await startRolling({
        place: { kind: 'ssh', host: 'there', commands, url: null },
        database: { kind: 'hook', name: 'cache', hook },
      })
      played({ ssh: 'exit 0' })
      ask('set', 'user', 'ann')
      await done({ do: 'point', name: null, why: 'hand' })
      const point = world.points.at(-1)!
      ask('set', 'user', 'mallory')
      ask('set', 'more', '1')
      await done(restore(point, 'database'), 'back')
      expect([ask('get', 'user'), ask('exists', 'more')]).toEqual(['ann', '0'])
      // Redis itself reads what it would begin with.
      const tested = await done({ do: 'test-point', point: point.id, key: point.key })
      expect(JSON.parse(tested.outputs['tested']!)).toMatchObject({
        ok: true,
        detail: expect.stringContaining('check command'),
      })
    } finally {
      execFileSync('sh', ['-c', `${cli} shutdown nosave || true`])
      rmSync(folder, { recursive: true })
    }
  }, 120_000)
})

describe('a cluster, by programs that are played', () => {
  it('kubectl: the image of then is set again, waited for, and the workload is put to rest', async () => {
    world = await startRolling({
      place: {
        kind: 'kubectl',
        context: null,
        namespace: 'shop',
        workload: 'deployment/shop',
        container: 'web',
        url: null,
      },
      database: null,
      verify,
    })
    const now = join(world.bench.folder, 'now')
    writeFileSync(now, 'registry.invalid/shop:0')
    const calls = played({
      kubectl: `case "$*" in *" get "*) cat ${quoted(now)};; *"set image"*) for last; do :; done; echo "\${last#*=}" > ${quoted(now)};; *--watch=false*) if grep -q bad ${quoted(now)}; then echo 'waiting for rollout'; else echo 'deployment "shop" successfully rolled out'; fi;; esac`,
    })
    await done(deploy('registry.invalid/shop:1', ''))
    const point = await bad(deploy('registry.invalid/shop:bad', ''))
    calls()
    await back(point, 'back')
    expect(calls()).toContain(
      'kubectl --namespace shop set image deployment/shop web=registry.invalid/shop:1',
    )
    expect(readFileSync(now, 'utf8').trim()).toBe('registry.invalid/shop:1')
    await done({ do: 'take-down', withData: false })
    expect(calls()).toEqual(['kubectl --namespace shop scale deployment/shop --replicas=0'])
    const refused = await world.act({ do: 'take-down', withData: true })
    expect(refused.exit.error).toMatch(/not this program's to remove.*remove those by hand/)
  }, 120_000)

  it('helm: the revision of then is rolled back to with all its values; where that is gone, its image is released', async () => {
    world = await startRolling({
      place: {
        kind: 'helm',
        context: null,
        namespace: 'shop',
        release: 'shop',
        chart: 'shop/shop',
        imageValue: 'image.tag',
        url: null,
      },
      database: null,
      verify,
    })
    // Revisions as helm keeps them: a line of a file each, the image in it.
    const file = quoted(join(world.bench.folder, 'revisions'))
    const calls = played({
      helm: `touch ${file}
list() { echo '['; n=0; while read -r line; do n=$((n+1)); [ "$line" = gone ] || { [ $n = 1 ] || [ -z "$some" ] || echo ,; some=1; echo "{\\"revision\\":$n,\\"status\\":\\"deployed\\"}"; }; done < ${file}; echo ']'; }
case "$1" in
history) if [ ! -s ${file} ]; then echo 'Error: release: not found' >&2; exit 1; fi
  case "$*" in *"--max 1"*) echo "[{\\"revision\\":$(wc -l < ${file})}]";; *) list;; esac;;
upgrade) for one; do case "$one" in image.tag=*) echo "\${one#*=}" >> ${file};; esac; done;;
rollback) sed -n "$3p" ${file} >> ${file}.new; cat ${file}.new >> ${file}; rm ${file}.new;;
status) case "$(tail -1 ${file})" in *bad*) echo '{"info":{"status":"failed"}}';; *) echo '{"info":{"status":"deployed"}}';; esac;;
esac`,
    })
    await done(deploy('shop:1', ''))
    const point = await bad(deploy('shop:bad', ''))
    calls()
    await back(point, 'back')
    const last = () => readFileSync(join(world.bench.folder, 'revisions'), 'utf8').trim().split('\n').at(-1)
    expect(calls()).toContain('helm rollback shop 1 --wait --timeout 300s --namespace shop')
    expect(last()).toBe('shop:1')
    writeFileSync(join(world.bench.folder, 'revisions'), 'gone\nshop:bad\nshop:1\nshop:bad\n')
    await back(point, 'again')
    expect(calls()).toContain(
      'helm upgrade --install shop shop/shop --set-string image.tag=shop:1 --wait --timeout 300s --namespace shop',
    )
    expect(last()).toBe('shop:1')
    await done({ do: 'take-down', withData: false })
    expect(calls()).toEqual(['helm uninstall shop --ignore-not-found --wait --timeout 300s --namespace shop'])
  }, 120_000)
})
