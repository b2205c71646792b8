import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { AGENT_IMAGE, ensureAgentImage } from './agentImage.ts'
import { packContext, readContext } from './buildContext.ts'
import { statusOf } from './client.ts'
import { followProgress } from './progress.ts'

/** PostgreSQL of Debian on the agents' base, for targets and for tasks that want one beside them. */
export const POSTGRES_IMAGE = 'amphitheatre/postgres:latest'
const VERSION_LABEL = 'amphitheatre.image'
/**
 * Built from Debian's packages alone, nothing is pulled. Its programs on the path, its data in `/data`, which a new
 * volume takes its owner from. LLVM is for `jit`, which is off.
 */
const DOCKERFILE = `FROM ${AGENT_IMAGE}
USER root
RUN apt-get update \\
 && mkdir -p /usr/share/postgresql-common /etc/postgresql-common \\
 && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold postgresql postgresql-client \\
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc /usr/share/man /usr/share/locale /usr/lib/*/libLLVM* \\
 && for program in /usr/lib/postgresql/*/bin/*; do ln -sf "$program" /usr/local/bin/; done \\
 && mkdir /data && chown postgres:postgres /data
USER postgres
WORKDIR /tmp
CMD ["postgres", "--version"]
`
const REMEDY = 'It needs Debian packages (`apt-get update` has to work in a container). Then: npm run image'

/** Makes sure it is there in the version this program wants; builds it if not (about half a minute). */
export async function ensurePostgresImage(docker: Docker, onProgress: (line: string) => void): Promise<void> {
  const version = createHash('sha256').update(DOCKERFILE).digest('hex').slice(0, 16)
  if ((await presentVersion(docker)) === version) return
  await ensureAgentImage(docker, onProgress)
  const folder = await mkdtemp(join(tmpdir(), 'amphitheatre-postgres-'))
  try {
    await writeFile(join(folder, 'Dockerfile'), DOCKERFILE)
    onProgress('Building the database image')
    const stream = await docker.buildImage(packContext(await readContext(folder)), {
      t: POSTGRES_IMAGE,
      forcerm: true,
      labels: { [VERSION_LABEL]: version },
      ...proxies(),
    })
    await followProgress(stream, 'build the database image', REMEDY, onProgress)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What this machine reaches packages by; they are no part of the image. */
function proxies(): { readonly buildargs?: Record<string, string> } {
  const names = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
  const found = names.flatMap((name) => (process.env[name] ? [[name, process.env[name]] as const] : []))
  return found.length === 0 ? {} : { buildargs: Object.fromEntries(found) }
}

async function presentVersion(docker: Docker): Promise<string | undefined> {
  try {
    const image = await docker.getImage(POSTGRES_IMAGE).inspect()
    return image.Config.Labels?.[VERSION_LABEL] ?? ''
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}
