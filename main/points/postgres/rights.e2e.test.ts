import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { textOf } from '../commands.ts'
import { startDatabase, type TestDatabase } from '../testing/database.ts'
import { countRows } from './count.ts'
import { dump } from './dump.ts'
import { psqlArgs } from './psql.ts'
import { restoreScratch, scratchName } from './scratch.ts'

/**
 * Migrations and services are programs that agents write, and have the role of the owner. What they leave in a database
 * must not be carried out by the superuser who keeps and restores it.
 */
let world: TestDatabase
beforeAll(async () => {
  world = await startDatabase()
})
afterAll(() => world.dispose())

beforeEach(() =>
  world.sql(
    'postgres',
    `SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
       WHERE datname NOT IN ('postgres', 'template0', 'template1') \\gexec
     DROP ROLE IF EXISTS owner, reader;
     CREATE ROLE owner LOGIN;
     CREATE ROLE reader LOGIN;
     CREATE DATABASE shop OWNER owner;
     \\c shop
     ALTER SCHEMA public OWNER TO owner`,
  ),
)

const asOwner = (statements: string): Promise<string> =>
  textOf(world.postgres.commands, {
    argv: psqlArgs({ ...world.postgres, user: 'owner' }, 'shop'),
    input: Readable.from([statements]),
    limitMs: 60_000,
    signal: world.signal,
  })

const nothing = () => Promise.resolve(null)

/** Dumps, counts, restores beside and compares; the name of what was restored. */
async function thereAndBack(): Promise<string> {
  const file = join(world.folder, 'rights.dump')
  const { measure } = await dump(world.postgres, 'shop', file, world.work, nothing)
  await countRows(world.postgres, 'shop', world.signal)
  await restoreScratch(world.postgres, { database: 'shop', file, measure, mark: 'm' }, world.work)
  return scratchName('m')
}

/** Who carried out what the owner left, told over the one thing that any of them may do in a reading transaction. */
const TRAP = `CREATE FUNCTION public.trap() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
  IF current_setting('is_superuser') = 'on' THEN
    BEGIN EXECUTE 'ALTER ROLE owner SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
    RAISE EXCEPTION 'carried out by the superuser';
  END IF;
  RETURN true; END $$;`

const superusers = (): Promise<string> =>
  world.sql('postgres', "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper AND rolname !~ '^pg_'")

test('a setting of the database is a value, whatever is in it', async () => {
  const path = 'public,x;ALTER/**/ROLE/**/owner/**/SUPERUSER'
  await asOwner(`SELECT set_config('search_path', '${path}', false);
    ALTER DATABASE shop SET search_path FROM CURRENT;
    ALTER DATABASE shop SET idle_in_transaction_session_timeout = '1ms';
    CREATE TABLE public.a (x int); INSERT INTO public.a VALUES (1)`)
  const made = await thereAndBack()
  expect((await superusers()).trim()).toBe('postgres')
  expect((await world.sql(made, 'SHOW search_path')).trim()).toBe(path)
})

test.each([
  [
    'a cast of rows to text',
    `CREATE TABLE public.a (x int); INSERT INTO public.a VALUES (1);
     CREATE FUNCTION public.words(public.a) RETURNS text LANGUAGE sql AS $$ SELECT public.trap()::text $$;
     CREATE CAST (public.a AS text) WITH FUNCTION public.words(public.a)`,
  ],
  [
    'a version of a type of their own',
    `CREATE TYPE public.word AS (x int);
     CREATE FUNCTION public.words(public.word) RETURNS text LANGUAGE sql AS $$ SELECT public.trap()::text $$;
     CREATE CAST (public.word AS text) WITH FUNCTION public.words(public.word);
     CREATE TABLE public.schema_migrations (version public.word);
     INSERT INTO public.schema_migrations VALUES (ROW(7))`,
  ],
  [
    'a check of every row',
    `CREATE TABLE public.a (x int CHECK (public.trap())); INSERT INTO public.a VALUES (1)`,
  ],
  [
    'a column that is computed',
    `CREATE TABLE public.a (x int, y boolean GENERATED ALWAYS AS (public.trap()) STORED); INSERT INTO public.a VALUES (1)`,
  ],
  [
    'rows that only some may see',
    `CREATE TABLE public.a (x int); INSERT INTO public.a VALUES (1), (2);
     ALTER TABLE public.a ENABLE ROW LEVEL SECURITY; ALTER TABLE public.a FORCE ROW LEVEL SECURITY;
     CREATE POLICY seen ON public.a USING (public.trap() AND x = 1)`,
  ],
])('%s runs with the rights of the owner only', async (_, statements) => {
  await asOwner(`${TRAP} ${statements}`)
  const made = await thereAndBack()
  expect((await superusers()).trim()).toBe('postgres')
  expect(
    (await world.sql(made, "SELECT count(*) FROM pg_class WHERE relowner = 'owner'::regrole")).trim(),
  ).not.toBe('0')
})

test('what an administrator made by hand is restored as theirs', async () => {
  await asOwner('CREATE TABLE public.a (x int); INSERT INTO public.a VALUES (1)')
  await world.sql('shop', 'CREATE TABLE public.theirs (x int); INSERT INTO public.theirs VALUES (2)')
  const made = await thereAndBack()
  const owners =
    "SELECT string_agg(tablename || ' ' || tableowner, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
  expect((await world.sql(made, owners)).trim()).toBe('a owner,theirs postgres')
})
