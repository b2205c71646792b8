import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { resolveImage } from './images.ts'

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
`

/** The smallest image with a shell, made from Debian's `busybox-static`: for tests that are about containers only. */
export const TEST_IMAGE = 'amphitheatre/test-busybox:latest'

export async function ensureTestImage(docker: Docker): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'amphitheatre-busybox-'))
  try {
    await copyFile('/bin/busybox', join(folder, 'busybox'))
    await writeFile(join(folder, 'Dockerfile'), DOCKERFILE)
    const built = await resolveImage(docker, { build: '.' }, folder, () => undefined)
    await docker.getImage(built).tag({ repo: 'amphitheatre/test-busybox', tag: 'latest' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return TEST_IMAGE
}
