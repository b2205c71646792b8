import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { ensurePostgresImage, POSTGRES_IMAGE } from '../../runners/docker/postgresImage.ts'
import { writeDurably } from '../actionFolder.ts'
import { StepError } from '../step.ts'
import { ensureRunning, exec, hardened, isDown, isKeptUp, KEPT_UP, look, remove } from './containers.ts'
import { silentError } from './liveness.ts'
import { ensureNetwork } from './network.ts'
import { DATABASE_NAME, type DockerPlace, give, labelsOf, nameOfPart, ownFolder } from './place.ts'
import { downWords, GONE, isFullIn, NO_ROOM } from './sayings.ts'
import { ensureVolume, hasVolume, removeVolume } from './volume.ts'

/** The PostgreSQL of a target: a container beside its service, its data in a volume. */

export const POSTGRES_PORT = 5432
/** `owner` may do everything with the target's database; `reader` sees everything in it and changes nothing. */
export type DatabaseRole = 'owner' | 'reader'
export const PASSFILE_INSIDE = '/run/amphitheatre-database/pgpass'
const RESOURCES = { cpus: 2, memoryBytes: 512 * 1024 * 1024, pids: 256 }
const READY_MS = 60_000
const LOOK_MS = 200
/** Of what is asked while it is made ready: a moment's work, unless it hangs or somebody has locked it, which it says. */
const SQL_LIMIT_S = 60
const LOCK_LIMIT_S = 30
/** Of `timeout`. */
const TIMED_OUT = 124

/**
 * Makes the data on the first start, beside where they belong and then in one move, so that a start that was cut
 * short leaves nothing to be taken for data. Who is in the container is let in by its socket, everyone else by password.
 */
const ENTRY = [
  'set -e',
  'if [ ! -s /data/db/PG_VERSION ]; then',
  '  rm -rf /data/new',
  '  initdb -D /data/new -U postgres --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-instructions',
  `  echo 'host all all all scram-sha-256' >> /data/new/pg_hba.conf`,
  '  mv /data/new /data/db',
  'fi',
  // Of a server that was killed: its number may be that of any other process in here by now. No one else has the volume.
  'rm -f /data/db/postmaster.pid',
  'exec postgres -D /data/db -c jit=off -c listen_addresses=* -c unix_socket_directories=/tmp',
].join('\n')

export function databaseName(place: DockerPlace): string {
  return nameOfPart(place, 'database')
}

export function volumeName(place: DockerPlace): string {
  return nameOfPart(place, 'data')
}

/** Up, ready, with its database and roles. Idempotent. */
export async function ensurePostgres(
  place: DockerPlace,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { docker } = place
  const name = databaseName(place)
  const found = await look(docker, name)
  if (found === undefined) {
    await ensurePostgresImage(docker, say)
    await ensureVolume(place, volumeName(place))
  }
  const up = found?.State.Running === true && isKeptUp(found) ? found : undefined
  const { State } = up ?? (await ensureRunning(docker, name, await options(place)))
  await prepare(place, Date.now() - Date.parse(State.StartedAt), signal)
}

async function options(place: DockerPlace): Promise<Docker.ContainerCreateOptions> {
  const inside = await ensureNetwork(place, 'inside')
  return {
    Image: POSTGRES_IMAGE,
    Entrypoint: ['sh', '-c', ENTRY],
    Cmd: [],
    User: 'postgres',
    // For commands run in it: by its socket.
    Env: ['PGHOST=/tmp', 'PGUSER=postgres', 'HOME=/tmp'],
    Labels: labelsOf(place, 'database'),
    // The fast way to end: the normal one waits for every client to go.
    StopSignal: 'SIGINT',
    HostConfig: {
      ...hardened(RESOURCES, await place.cpus()),
      Init: true,
      ShmSize: 128 * 1024 * 1024,
      RestartPolicy: KEPT_UP,
      NetworkMode: inside,
      Mounts: [{ Type: 'volume', Source: volumeName(place), Target: '/data', ReadOnly: false }],
    },
    NetworkingConfig: { EndpointsConfig: { [inside]: { Aliases: [DATABASE_NAME] } } },
  }
}

/** Is anything of it there: its container, or the data alone, when somebody removed the container? */
export async function hasPostgres(place: DockerPlace): Promise<boolean> {
  if ((await look(place.docker, databaseName(place))) !== undefined) return true
  return hasVolume(place, volumeName(place))
}

/** For a database that nothing was ever in: the data go, too. */
export async function removePostgres(place: DockerPlace): Promise<void> {
  await remove(place.docker, databaseName(place))
  await removeVolume(place, volumeName(place))
}

/** Said when it takes connections, before anything else: what ends without it has not come so far. */
const READY = 'amphitheatre-ready'
/** One that hangs takes the question and does not answer it. */
const WAIT = `timeout -k 1 "$3" sh -c 'until pg_isready -q -t 2; do sleep 0.1; done' && echo ${READY}`
const PSQL = 'psql -X -q -A -t -v ON_ERROR_STOP=1'
const SQL_LIMIT = `timeout -k 1 ${SQL_LIMIT_S}`
const LOCK_LIMIT = `PGOPTIONS=-c lock_timeout=${LOCK_LIMIT_S}s`

/**
 * Resolves when it takes connections and has its roles and its database, as often as asked; in one command, since each
 * takes Docker longer than what it does here. One that was started long ago is up, or it hangs.
 */
async function prepare(place: DockerPlace, upMs: number, signal: AbortSignal): Promise<void> {
  const name = databaseName(place)
  const readyMs = Math.min(READY_MS, Math.max(place.answerMs ?? READY_MS, READY_MS - upMs))
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new Error('it does not come up')), readyMs + 5_000)
  const both = AbortSignal.any([signal, limit.signal])
  const script = `${WAIT} && printf %s "$1" | ${SQL_LIMIT} ${PSQL} -d "$2"`
  const seconds = `${Math.ceil(readyMs / 1000)}`
  const command = [
    'env',
    LOCK_LIMIT,
    'sh',
    '-c',
    script,
    'psql',
    rolesAndDatabase(place),
    'postgres',
    seconds,
  ]
  const until = performance.now() + readyMs
  let said = ''
  const onOutput = (text: string): void => {
    said += text
    if (said.startsWith(READY)) clearTimeout(timer)
  }
  try {
    do {
      said = ''
      const ended = await execUnlessDown(place, command, { signal: both, onOutput })
      if (ended !== null && said.startsWith(READY))
        return await expectDone(place, ended.code, ended.output.replace(READY, ''))
      // It began anew meanwhile, and took with it who waited inside.
      await delay(LOOK_MS, undefined, { signal: both })
    } while (performance.now() < until)
  } catch (error) {
    if (!limit.signal.aborted || signal.aborted) throw error
  } finally {
    clearTimeout(timer)
  }
  const words = await downWords(place)
  const look = `Look at it (docker logs ${name}), start it anew (docker restart ${name}), then do it again.`
  throw new StepError(
    `The database of ${place.target.name} does not come up within ${Math.ceil(readyMs / 1000)} s. It last said: ${words}`,
    isFullIn(words) ? `${NO_ROOM} ${look}` : look,
  )
}

/** Null where its container is down, or on its way up. */
async function execUnlessDown(
  place: DockerPlace,
  command: readonly string[],
  options: Parameters<typeof exec>[3],
): Promise<Awaited<ReturnType<typeof exec>> | null> {
  try {
    return await exec(place.docker, databaseName(place), command, options)
  } catch (error) {
    if (isDown(error)) return null
    throw error
  }
}

/**
 * The passwords are random and only their verifiers go to the server: no command line, event or log of Docker ever
 * holds one. What is there already is not written again: each commit waits for the disk.
 */
function rolesAndDatabase(place: DockerPlace): string {
  const database = place.target.database!.name
  const role = (name: DatabaseRole): string => {
    const secret = verifier(password(place, name), `${place.id} ${name}`)
    return `DO $amphitheatre$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN CREATE ROLE ${name} LOGIN; END IF;
      IF NOT EXISTS (SELECT FROM pg_authid WHERE rolname = '${name}' AND rolcanlogin AND rolpassword = '${secret}')
      THEN ALTER ROLE ${name} LOGIN PASSWORD '${secret}'; END IF;
    END $amphitheatre$;`
  }
  return [
    role('owner'),
    role('reader'),
    `SELECT 'CREATE DATABASE "${database}" OWNER owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${database}')\\gexec`,
    // An exchange of the data that was cut short has left it closed, to us too.
    `SELECT 'ALTER DATABASE "${database}" WITH ALLOW_CONNECTIONS true' WHERE EXISTS (SELECT FROM pg_database WHERE datname = '${database}' AND NOT datallowconn)\\gexec`,
    `\\connect "${database}"`,
    'BEGIN;',
    `ALTER SCHEMA public OWNER TO owner;`,
    `GRANT CONNECT ON DATABASE "${database}" TO reader;`,
    `GRANT pg_read_all_data TO reader;`,
    `ALTER ROLE reader SET default_transaction_read_only = on;`,
    'COMMIT;',
  ].join('\n')
}

/** Runs SQL as the superuser, inside. Answers what it prints, unadorned. `sql` is never a secret. */
export async function psql(
  place: DockerPlace,
  database: string,
  sql: string,
  signal: AbortSignal,
): Promise<string> {
  // By a pipe inside: `\gexec` is known to a script only.
  const script = `printf %s "$1" | ${PSQL} -d "$2"`
  const command = ['env', LOCK_LIMIT, ...SQL_LIMIT.split(' '), 'sh', '-c', script, 'psql', sql, database]
  const { code, output } = await exec(place.docker, databaseName(place), command, { signal })
  await expectDone(place, code, output)
  return output.trim()
}

async function expectDone(place: DockerPlace, code: number, output: string): Promise<void> {
  if (code === 0) return
  if (code === TIMED_OUT) throw await silentError(place, SQL_LIMIT_S * 1000)
  const room = isFullIn(output) ? `${NO_ROOM} ` : ''
  throw new StepError(
    `The database of ${place.target.name} refuses: ${output.trim()}`,
    `${room}Look at it: docker logs ${databaseName(place)}`,
    // It ended meanwhile, or is about to be up again.
    { passing: GONE.test(output) },
  )
}

/** Kept in the data folder, readable by its owner only; made once. */
function password(place: DockerPlace, role: DatabaseRole): string {
  const path = join(ownFolder(place, 'secrets'), `${role}.pgpass`)
  if (!existsSync(path)) {
    const made = randomBytes(24).toString('base64url')
    writeDurably(path, `${DATABASE_NAME}:${POSTGRES_PORT}:*:${role}:${made}\n`, 0o600)
    // Clients take a password from a file of their own user only.
    give(place, path)
  }
  return readFileSync(path, 'utf8').trim().split(':').at(-1)!
}

export function passfile(place: DockerPlace, role: DatabaseRole): string {
  password(place, role)
  return join(place.folder, 'secrets', `${role}.pgpass`)
}

/** As PostgreSQL stores it (RFC 5803). The salt is the target's own, so that the same password gives the same. */
function verifier(secret: string, about: string): string {
  const iterations = 4096
  const salt = createHash('sha256').update(about).update(secret).digest().subarray(0, 16)
  const salted = pbkdf2Sync(secret, salt, iterations, 32, 'sha256')
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest()
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`
}

/** What a client in a container needs to reach it as `role`: no secret among the variables. */
export function clientOf(
  place: DockerPlace,
  role: DatabaseRole,
): { readonly env: Readonly<Record<string, string>>; readonly mounts: readonly Docker.MountSettings[] } {
  return {
    env: {
      PGHOST: DATABASE_NAME,
      PGPORT: String(POSTGRES_PORT),
      PGUSER: role,
      PGDATABASE: place.target.database!.name,
      PGPASSFILE: PASSFILE_INSIDE,
    },
    mounts: [{ Type: 'bind', Source: passfile(place, role), Target: PASSFILE_INSIDE, ReadOnly: true }],
  }
}
