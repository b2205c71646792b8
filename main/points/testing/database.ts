import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { connectDocker } from '../../runners/docker/client.ts'
import { ensurePostgresImage, POSTGRES_IMAGE } from '../../runners/docker/postgresImage.ts'
import { textOf } from '../commands.ts'
import { dockerCommands } from '../dockerCommands.ts'
import { type Postgres, psqlArgs } from '../postgres/psql.ts'

/** A PostgreSQL of the test's own in a container of its own. */
export interface TestDatabase {
  readonly docker: Docker
  readonly container: string
  readonly postgres: Postgres
  readonly folder: string
  readonly signal: AbortSignal
  readonly said: string[]
  readonly work: { readonly signal: AbortSignal; readonly say: (line: string) => void }
  sql(database: string, statements: string): Promise<string>
  dispose(): Promise<void>
}

const START = [
  'initdb -D /tmp/pg -U postgres -A trust -E UTF8 --locale=C >/dev/null',
  'exec postgres -D /tmp/pg -c fsync=off -c jit=off -c listen_addresses= -c unix_socket_directories=/tmp',
].join(' && ')

export async function startDatabase(): Promise<TestDatabase> {
  const { docker, close } = connectDocker()
  await ensurePostgresImage(docker, () => undefined)
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-points-'))
  const container = `amphi-points-test-${randomBytes(5).toString('hex')}`
  const made = await docker.createContainer({
    name: container,
    Image: POSTGRES_IMAGE,
    Entrypoint: ['sh', '-c', START],
    Cmd: [],
    User: 'postgres',
    Env: ['PGHOST=/tmp', 'PGUSER=postgres'],
    Tty: false,
    Labels: { 'amphitheatre.test': 'points' },
    HostConfig: { NetworkMode: 'none', AutoRemove: true },
  })
  await made.start()
  const commands = dockerCommands({ docker, container: () => container, hasTimeout: true })
  const postgres: Postgres = { commands, user: 'postgres' }
  const signal = new AbortController().signal
  const said: string[] = []
  const sql = (database: string, statements: string): Promise<string> =>
    textOf(commands, {
      argv: psqlArgs(postgres, database),
      input: Readable.from([statements]),
      limitMs: 60_000,
      signal,
    })
  for (let tries = 0; ; tries++) {
    const up = await sql('postgres', 'SELECT 1').catch((error: unknown) => error as Error)
    if (up === '1\n') break
    if (tries > 200) throw up
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    docker,
    container,
    postgres,
    folder,
    signal,
    said,
    work: { signal, say: (line) => said.push(line) },
    sql,
    dispose: async () => {
      await made.remove({ force: true }).catch(() => undefined)
      rmSync(folder, { recursive: true, force: true })
      close()
    },
  }
}
