import { ensureDefaultImage } from '../main/runners/docker/ensureDefaultImage.ts'

/** `npm run image`: builds the agents' image if this version's is not there. */
try {
  await ensureDefaultImage((line) => console.log(line))
  console.log('The agent image is ready.')
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
