import { afterAll, beforeAll, expect, it } from 'vitest'
import { POSTGRES_IMAGE } from '../../runners/docker/postgresImage.ts'
import { buildApp, removeApps } from '../testing/app.ts'
import { createTargetBench, type TargetBench } from '../testing/bench.ts'
import { look } from './containers.ts'
import { runOnce } from './oneOff.ts'
import { type DockerPlace, dockerPlace } from './place.ts'
import { databaseName, psql } from './postgres.ts'

let bench: TargetBench
let place: DockerPlace
let app: string
const soon = (): AbortSignal => AbortSignal.timeout(60_000)
const database = { kind: 'postgres', name: 'shop', hook: null } as const

beforeAll(async () => {
  bench = await createTargetBench({ database })
  place = dockerPlace(bench.tools, 'shop', bench.target)!
  app = await buildApp(bench.docker, 'with-data')
}, 240_000)
afterAll(async () => {
  await bench.dispose()
  await removeApps([app])
})

const migrate = (run: string) => bench.spec({ do: 'migrate', run }, { image: POSTGRES_IMAGE })

it('makes the database on the first migration, and runs that once, as its owner', async () => {
  const end = await bench.act(
    migrate('psql -qc "create table orders (id int); insert into orders values (1)" && echo ran'),
  )
  expect(end.exit).toMatchObject({ code: 0 })
  expect(end.said).toContain('ran')
  expect(
    await psql(
      place,
      'shop',
      "select count(*), min(tableowner) from orders, pg_tables where tablename = 'orders'",
      soon(),
    ),
  ).toBe('1|owner')
}, 240_000)

it('locks it down, ends it by SIGINT, and shows no password anywhere', async () => {
  const found = (await look(bench.docker, databaseName(place)))!
  expect(found.HostConfig).toMatchObject({
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    PortBindings: {},
  })
  expect(found.Config).toMatchObject({ User: 'postgres', StopSignal: 'SIGINT' })
  expect(await psql(place, 'shop', 'show jit', soon())).toBe('off')
  const end = await bench.act(migrate('env; id -u; psql -Atc "select current_user"; stat -c %a $PGPASSFILE'))
  expect(end.said).toMatch(/PGUSER=owner/)
  expect(end.said).toMatch(/\n12345\nowner\n600\n/)
  expect(end.said).not.toMatch(/PGPASSWORD/)
}, 120_000)

it('fails a migration with what it said, its container gone', async () => {
  const end = await bench.act(migrate('psql -v ON_ERROR_STOP=1 -qc "alter table nothing add x int"'))
  expect(end.exit).toMatchObject({
    code: 1,
    error: expect.stringMatching(/ended with code 1.*relation "nothing" does not exist/s),
  })
  expect(end.outputs).toMatchObject({ state: 'half' })
  const left = await bench.docker.listContainers({
    all: true,
    filters: { label: [`amphitheatre.install=${bench.install}`, 'amphitheatre.part=task'] },
  })
  expect(left).toEqual([])
}, 120_000)

it('gives the service its database by variables without a secret', async () => {
  const end = await bench.act(bench.spec({ do: 'deploy', from: { image: app }, version: 'v1' }))
  expect(end.exit.error).toBeNull()
  const env = JSON.parse((await bench.get('/env')).slice(4)) as Record<string, string>
  expect(env).toMatchObject({ PGHOST: 'database', PGUSER: 'owner', PGDATABASE: 'shop' })
  expect(env).not.toHaveProperty('PGPASSWORD')
}, 120_000)

it('lets a reader see everything and change nothing', async () => {
  const context = {
    job: bench.spec({ do: 'verify' }).action,
    facts: {},
    folder: bench.folder,
    signal: soon(),
    say: () => undefined,
    note: () => undefined,
  }
  const ask = (command: string, name: string) =>
    runOnce(place, context, {
      name,
      image: { ref: POSTGRES_IMAGE },
      command,
      role: 'reader',
      env: {},
      withinMs: 30_000,
      code: null,
    })
  expect(await ask('psql -Atc "select count(*) from orders"', 'read')).toMatchObject({ code: 0, words: '1' })
  const written = await ask(
    'psql -v ON_ERROR_STOP=1 -c "set default_transaction_read_only = off" -c "insert into orders values (2)"',
    'write',
  )
  expect(written).toMatchObject({
    code: 1,
    words: expect.stringMatching(/permission denied/),
  })
}, 120_000)

it('has its data still when its container was stopped and when it was made anew', async () => {
  await bench.docker.getContainer(databaseName(place)).remove({ force: true })
  // What fails then takes nothing along but what it made itself: the data were there before.
  expect((await bench.act(migrate('exit 3'))).exit.code).toBe(1)
  await bench.docker
    .getContainer(databaseName(place))
    .remove({ force: true })
    .catch(() => undefined)
  const end = await bench.act(migrate('psql -Atc "select count(*) from orders"'))
  expect(end.exit.code).toBe(0)
  expect(end.said).toMatch(/\n1\n/)
}, 120_000)
