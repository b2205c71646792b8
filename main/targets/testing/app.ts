import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { AGENT_IMAGE } from '../../runners/docker/agentImage.ts'
import { connectDocker } from '../../runners/docker/client.ts'
import { resolveImage } from '../../runners/docker/images.ts'

/** A web service for tests: says its version, is as healthy as it is made, and takes a moment over each request. */
const SERVER = `import { createServer } from 'node:http'
const { VERSION, HEALTH = '200', ROOT = '200', SLOW_MS = '5' } = process.env
const server = createServer((req, res) => {
  if (req.url === '/health') { res.statusCode = Number(HEALTH); res.end('health'); return }
  if (req.url === '/broken') { req.socket.end('HTTP/1.1 200 a\\x01b\\r\\nContent-Length: 0\\r\\n\\r\\n'); return }
  if (req.url === '/switch') { req.socket.end('HTTP/1.1 101 Else\\r\\nConnection: Upgrade\\r\\nUpgrade: else\\r\\n\\r\\n'); return }
  if (req.url === '/env') { res.end(JSON.stringify(process.env)); return }
  setTimeout(() => { res.statusCode = Number(ROOT); res.end(VERSION) }, Number(SLOW_MS))
})
server.on('upgrade', (req, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n')
  socket.pipe(socket)
})
if (process.env.CRASH) { console.log('cannot find its configuration'); process.exit(3) }
server.listen(Number(process.env.PORT))
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections() })
`

export type AppEnv = Readonly<Partial<Record<'HEALTH' | 'ROOT' | 'SLOW_MS' | 'CRASH', string>>>

/** Images of the same content are one, and each test file takes its own away. */
const OWN = randomUUID()

/** The files of its image. */
export function appFiles(version: string, env: AppEnv = {}): Readonly<Record<string, string>> {
  const lines = Object.entries({ VERSION: version, ...env }).map(([name, value]) => `ENV ${name}=${value}`)
  return {
    'server.mjs': SERVER,
    Dockerfile: [
      `FROM ${AGENT_IMAGE}`,
      'COPY server.mjs /app/',
      ...lines,
      'CMD ["node", "/app/server.mjs"]',
      `LABEL tests=${OWN}`,
      '',
    ].join('\n'),
  }
}

/** Takes away what this test file built and what deploying it kept, and other images it names, by all their names. */
export async function removeApps(images: Iterable<string> = []): Promise<void> {
  const { docker, close } = connectDocker()
  const own = await docker.listImages({ filters: { label: [`tests=${OWN}`] } })
  for (const image of new Set([...images, ...own.map(({ Id }) => Id)])) {
    const found = await docker
      .getImage(image)
      .inspect()
      .catch(() => undefined)
    if (found !== undefined) await docker.getImage(found.Id).remove({ force: true })
  }
  close()
}

/** Builds it; the name of its image. */
export async function buildApp(docker: Docker, version: string, env: AppEnv = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'amphitheatre-app-'))
  try {
    for (const [name, text] of Object.entries(appFiles(version, env)))
      await writeFile(join(folder, name), text)
    return await resolveImage(docker, { build: '.' }, folder, () => undefined)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
