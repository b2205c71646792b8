import type Docker from 'dockerode'
import { call } from './client.ts'
import { LABELS } from './labels.ts'

/** `---> Running in 0123456789ab`, as Docker says when it made the container of a command. */
const RUNNING = /^---> Running in ([0-9a-f]{12,64})$/

export function runningIn(line: string): string | undefined {
  return RUNNING.exec(line)?.[1]
}

/**
 * Docker has no limit of processes for builds, so that a command which forks without end takes the machine along. It can be
 * set on the container that the command runs in. The line that names it may be a forgery of the command's: only
 * what has the memory of this build, none of our labels and no limit yet is touched. Never throws: a container that is over
 * already has nothing to be held by.
 */
export async function boundProcesses(
  docker: Docker,
  id: string,
  { pids, memoryBytes }: { readonly pids: number; readonly memoryBytes: number },
): Promise<void> {
  try {
    const container = docker.getContainer(id)
    const { Config, HostConfig } = await call((abortSignal) => container.inspect({ abortSignal }))
    const isOurs = Config.Labels?.[LABELS.install] !== undefined
    if (isOurs || HostConfig.Memory !== memoryBytes || (HostConfig.PidsLimit ?? 0) > 0) return
    await call((abortSignal) => container.update({ PidsLimit: pids, abortSignal }))
  } catch {
    // Gone, or a Docker that cannot: memory holds it all the same.
  }
}
