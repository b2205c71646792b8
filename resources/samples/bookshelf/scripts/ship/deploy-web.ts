import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { readJson, writeJson, writeText } from '../lib/files.ts'
import { output } from '../lib/output.ts'
import { release, visitRelease } from '../lib/releases.ts'

const CHANGELOG = 'CHANGELOG.md'

/** `deploy-web.ts 2.0.0` releases the pages, sees that the released API serves them, then points at the release. */
const version = process.argv[2] ?? ''
const { files } = release(version, 'web')
await visitRelease(version, async (url) => {
  const page = await fetch(url)
  assert.equal(page.status, 200, 'the released API serves the released page')
  assert.match(
    await page.text(),
    new RegExp(`Bookshelf ${RegExp.escape(version)}`),
    'the page shows its version',
  )
})
writeJson('releases/current.json', { version })
noteInChangelog()
console.log(`released ${Object.keys(files).length} files of the pages; ${version} is the current release`)
output({ version, files: Object.keys(files).length })

function noteInChangelog(): void {
  const known = existsSync(CHANGELOG) ? readFileSync(CHANGELOG, 'utf8') : '# Changelog\n'
  if (known.includes(`\n## ${version}\n`)) return
  const { from, to, migrations } = readJson<{ from: number; to: number; migrations: { name: string }[] }>(
    'production/migration-plan.json',
  )
  const names = migrations.map(({ name }) => name).join(', ') || 'no migrations'
  writeText(
    CHANGELOG,
    known.replace(
      '# Changelog\n',
      `# Changelog\n\n## ${version}\n\n- Database: schema ${from} to ${to} (${names}).\n`,
    ),
  )
}
