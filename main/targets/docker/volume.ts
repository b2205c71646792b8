import { asRunnerError, call, statusOf } from '../../runners/docker/client.ts'
import { type DockerPlace, labelsOf } from './place.ts'

/** Volumes of targets, where their data are. Every call may be repeated. */
export async function ensureVolume(place: DockerPlace, name: string): Promise<void> {
  try {
    await call((abortSignal) =>
      place.docker.createVolume({ Name: name, Labels: labelsOf(place), abortSignal }),
    )
  } catch (error) {
    throw asRunnerError(error, `make the volume of ${place.target.name}`)
  }
}

export async function hasVolume(place: DockerPlace, name: string): Promise<boolean> {
  try {
    await call((abortSignal) => place.docker.getVolume(name).inspect({ abortSignal }))
    return true
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw asRunnerError(error, `look for the volume of ${place.target.name}`)
  }
}

export async function removeVolume(place: DockerPlace, name: string): Promise<void> {
  try {
    await call((abortSignal) => place.docker.getVolume(name).remove({ abortSignal }))
  } catch (error) {
    if (statusOf(error) !== 404) throw asRunnerError(error, `remove the volume of ${place.target.name}`)
  }
}
