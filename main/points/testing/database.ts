import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { connectDocker } from '../../runners/docker/client.ts'
import { textOf } from '../commands.ts'
import { dockerCommands } from '../dockerCommands.ts'
import { type Postgres, psqlArgs } from '../postgres/psql.ts'

export const TEST_POSTGRES =
  process.env.AMPHITHEATRE_TEST_POSTGRES ?? 'amphitheatre/points-test-postgres:throwaway'

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
  'set -e',
  'bin=$(ls -d /usr/lib/postgresql/*/bin)',
  'mkdir -p /tmp/pg /var/run/postgresql && chown -R postgres /tmp/pg /var/run/postgresql',
  'su postgres -c "$bin/initdb -D /tmp/pg -A trust -E UTF8 --locale=C >/dev/null"',
  'exec su postgres -c "$bin/postgres -D /tmp/pg -c fsync=off -c listen_addresses="',
].join('\n')

export async function startDatabase(): Promise<TestDatabase> {
  const { docker, close } = connectDocker()
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-points-'))
  const container = `amphi-points-test-${randomBytes(5).toString('hex')}`
  const made = await docker.createContainer({
    name: container,
    Image: TEST_POSTGRES,
    Cmd: ['bash', '-c', START],
    User: 'root',
    Entrypoint: [],
    Labels: { 'amphitheatre.test': 'points' },
    HostConfig: { NetworkMode: 'none', AutoRemove: true },
  })
  await made.start()
  const commands = dockerCommands({ docker, container: () => container, user: 'postgres', hasTimeout: true })
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
