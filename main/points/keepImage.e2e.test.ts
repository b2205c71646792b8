import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectDocker } from '../runners/docker/client.ts'
import { KEEP } from '../targets/docker/image.ts'
import { buildApp, removeApps } from '../targets/testing/app.ts'
import { keepImage, releaseImages } from './keepImage.ts'

const { docker, close } = connectDocker()
const keep = { docker, install: `test-${randomBytes(6).toString('hex')}` }
const other = { docker, install: `test-${randomBytes(6).toString('hex')}` }
const images: string[] = []

beforeAll(async () => {
  // Images of its own: those of other tests are the same where their files are.
  for (const version of ['one', 'two']) images.push(await buildApp(docker, `${version}-${keep.install}`))
}, 300_000)
afterAll(async () => {
  await releaseImages(keep, () => [])
  await releaseImages(other, () => [])
  await removeApps(images)
  close()
})

const idOf = async (image: string): Promise<string> => (await docker.getImage(image).inspect()).Id

async function held(id: string, install = keep.install): Promise<{ tag: boolean; containers: number }> {
  const filters = JSON.stringify({ label: [`amphitheatre.install=${install}`, `amphitheatre.keep=${id}`] })
  const containers = await docker.listContainers({ all: true, filters })
  const tags = await docker
    .getImage(id)
    .inspect()
    .then(({ RepoTags }) => RepoTags)
  return { tag: tags.includes(`${KEEP}:${id.replace('sha256:', '')}`), containers: containers.length }
}

test('images of points that went are let go, those of points that stay are not, and another install keeps its own', async () => {
  const [one, two] = [await idOf(images[0]!), await idOf(images[1]!)]
  for (const id of [one, two]) {
    expect(await keepImage(keep, id)).toBe(true)
    expect(await keepImage(keep, id)).toBe(true)
  }
  await keepImage(other, one)
  expect(await held(two)).toEqual({ tag: true, containers: 1 })
  expect(await releaseImages(keep, () => null)).toBe(0)
  expect(await releaseImages(keep, () => [one])).toBe(1)
  expect(await held(one)).toEqual({ tag: true, containers: 1 })
  expect(await held(two)).toEqual({ tag: false, containers: 0 })
  expect(await held(one, other.install)).toEqual({ tag: true, containers: 1 })
  expect(await releaseImages(keep, () => [one])).toBe(0)
  expect(await keepImage(keep, `sha256:${'0'.repeat(64)}`)).toBe(false)
}, 120_000)
