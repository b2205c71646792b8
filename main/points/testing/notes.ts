import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { AGENT_IMAGE } from '../../runners/docker/agentImage.ts'
import { resolveImage } from '../../runners/docker/images.ts'

/**
 * A web service for tests that keeps notes in the SQLite file it is told of, and goes on writing beats into it all the
 * time. `POST /?text` adds a note, `GET /` says version and notes; `strict` asks for a column of theirs.
 */
const server = (version: string, column: string): string => `import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
const db = new DatabaseSync(process.env.AMPHITHEATRE_DATABASE)
db.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL')
db.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT, mood TEXT)')
db.exec('CREATE TABLE IF NOT EXISTS beats (id INTEGER PRIMARY KEY, by TEXT)')
const beating = setInterval(() => db.exec("INSERT INTO beats (by) VALUES ('${version}')"), 2)
const server = createServer((req, res) => {
  if (req.url === '/health') { res.end('ok'); return }
  try {
    if (req.method === 'POST') db.prepare('INSERT INTO notes (text) VALUES (?)').run(decodeURIComponent(req.url.slice(2)))
    const notes = db.prepare('SELECT text, ${column} FROM notes ORDER BY id').all().map(({ text }) => text)
    res.end('${version} ' + notes.join(','))
  } catch (error) { res.statusCode = 500; res.end(error.message) }
})
server.listen(Number(process.env.PORT))
process.on('SIGTERM', () => { clearInterval(beating); server.close(() => { db.close(); process.exit(0) }); server.closeIdleConnections() })
`

/** The files of its image. */
export function notesFiles(version: string, column: string): Readonly<Record<string, string>> {
  const lines = [`FROM ${AGENT_IMAGE}`, 'COPY server.mjs /app/', 'CMD ["node", "/app/server.mjs"]', '']
  return { 'server.mjs': server(version, column), Dockerfile: lines.join('\n') }
}

/** Builds it; the name of its image. */
export async function buildNotes(docker: Docker, version: string, column: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'amphitheatre-notes-'))
  try {
    for (const [name, text] of Object.entries(notesFiles(version, column)))
      writeFileSync(join(folder, name), text)
    return await resolveImage(docker, { build: '.' }, folder, () => undefined)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
