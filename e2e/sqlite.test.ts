import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { notesFiles } from '../main/points/testing/notes.ts'
import { connectDocker } from '../main/runners/docker/client.ts'
import { exec } from '../main/targets/docker/containers.ts'
import { dockerPlace } from '../main/targets/docker/place.ts'
import { sqliteName } from '../main/targets/docker/sqlite.ts'
import { removeApps } from '../main/targets/testing/app.ts'
import { jsonLines } from './support/amphi.ts'
import { commitAll, git, writeFiles } from './support/repository.ts'
import { inApp, type Shop, shop } from './support/shop.ts'
import { installOf } from './support/targets.ts'

/**
 * A service with a SQLite file beside it, by the command line: v1 has rows, a migration takes a column away that v2 asks
 * for, so that v2 does not verify; one word brings v1 back with the rows of then, and keeps what came since.
 */
const { docker, close } = connectDocker()
let own: Shop

beforeEach(async () => {
  const target = ['database: sqlite', 'verify: {paths: [/], timeout: 2s}']
  own = await shop({ target, epics: EPICS }, { 'migrate.mjs': MIGRATION, ...app('v1') })
})
afterEach(async () => removeApps(await own.remove()))
afterAll(close)

/** With a label of its own, so that its images are nobody else’s. */
const app = (version: string) => {
  const files = notesFiles(version, 'mood')
  const recipe = `${files['Dockerfile']}LABEL tests=sqlite\n`
  return inApp({ ...files, Dockerfile: recipe })
}

const MIGRATION = `import { DatabaseSync } from 'node:sqlite'
const db = new DatabaseSync(process.env.AMPHITHEATRE_DATABASE)
db.exec('PRAGMA busy_timeout = 5000; ALTER TABLE notes DROP COLUMN mood')
`
const EPICS = `  first:
    phases:
      - name: First
        sequential:
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}, version: v1}
  second:
    phases:
      - name: Second
        sequential:
          - {id: migrate, title: Drop the moods, kind: migrate, target: staging, agent: DeployCommander, run: node --no-warnings migrate.mjs}
          - {id: deploy, kind: deploy, target: staging, agent: DeployCommander, image: {build: app}, version: v2}
`

async function say(text: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${own.port}/?${text}`, { method: 'POST' })).status
}

/** What a file beside the service holds. */
async function notesIn(file: string): Promise<string> {
  const { id, targets } = await own.record()
  const { data } = own.place
  const tools = { docker, install: await installOf(data), dataDir: data, uid: 1, gid: 1, cpus: async () => 1 }
  const name = sqliteName(dockerPlace(tools, id, targets['staging']!.spec)!)
  const script = `console.log(new (require('node:sqlite').DatabaseSync)(process.argv[1], { readOnly: true })
    .prepare('SELECT text FROM notes ORDER BY id').all().map(({ text }) => text).join())`
  const signal = AbortSignal.timeout(60_000)
  const { output } = await exec(docker, name, ['node', '--no-warnings', '-e', script, file], { signal })
  return output.trim()
}

it('a release whose migration breaks it is taken back with its rows, and what came since is kept and told', async () => {
  await own.done('run', 'first')
  expect([await say('ann'), await own.get('/')]).toEqual([200, 'v1 ann'])
  const good = git(own.place.root, 'rev-parse', 'main').trim()
  writeFiles(own.place.root, app('v2'))
  commitAll(own.place.root, 'second')
  const failed = await own.here('run', 'second')
  expect([failed.code, failed.stdout + failed.stderr]).toEqual([
    1,
    expect.stringContaining('does not verify'),
  ])
  // The version before answers again, and does not understand the file either. Rows come in all the same.
  expect(await own.get('/')).toContain('no such column: mood')
  expect(await say('bob')).toBe(500)

  const words = (await own.done('rollback', '--plan')).stdout
  expect(words).toMatch(/^Back to p\d+ of staging, .*: v1$/m)
  expect(words).toContain('migrated: Drop the moods')
  expect(words).toContain('notes: 2 rows, 1 then')
  expect(await own.get('/')).toContain('no such column: mood')

  await own.done('rollback', '--yes')
  expect(await own.get('/')).toBe('v1 ann')
  const [aside] = jsonLines((await own.done('points', 'aside', '--json')).stdout)
  const kept = String(aside!['name'])
  expect(kept).toContain('.db_since_')
  expect((await own.done('targets', 'show', 'staging')).stdout).toMatch(/Put aside by rollbacks\n.*_since_/)
  expect(await notesIn(kept)).toBe('ann,bob')
  expect(git(own.place.root, 'rev-parse', 'main').trim()).toBe(good)
  expect((await own.record()).targets['staging']).toMatchObject({
    state: 'healthy',
    busy: null,
    current: { release: { version: 'v1' }, verified: true },
  })
  // Nothing else has what came since: it goes by a second word only.
  const refused = await own.here('points', 'drop-aside', kept)
  expect([refused.code, refused.stdout + refused.stderr]).toEqual([2, expect.stringContaining('--anyway')])
  expect(await say('cid')).toBe(200)
  expect(await own.get('/')).toBe('v1 ann,cid')
}, 400_000)
