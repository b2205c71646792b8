import { join } from 'node:path'
import type { TargetPlace } from '../../domain/targets/target.ts'
import type { ActionSpec } from '../actions.ts'
import { type DockerTools, targetId } from '../docker/place.ts'
import type { StepContext } from '../step.ts'
import { result, run } from './command.ts'
import type { Reach } from './reach.ts'

/**
 * A service of a compose file. The file is the user's own, in their checkout: what it says runs on this machine, so it
 * must not be one that agents have written.
 */
export function composeReach(tools: DockerTools, spec: ActionSpec): Reach {
  const { target, root } = spec.action
  const place = target.place as Extract<TargetPlace, { kind: 'compose' }>
  const project = `amphi${targetId(tools.install, spec.project, target.name)}`
  const base = ['-p', project, '-f', join(root, place.file), '--project-directory', root]
  const compose = async (
    context: StepContext,
    args: readonly string[],
    image: string,
    version: string,
  ): Promise<string> => {
    const [program, first] = await composeProgram(context)
    return run({
      program,
      args: [...first, ...base, ...args],
      env: { [place.imageVariable]: image, AMPHITHEATRE_VERSION: version },
      cwd: root,
      signal: context.signal,
      say: context.say,
    })
  }
  return {
    target,
    url: place.url,
    before: () => {
      const current = spec.action.known?.current?.release
      const image = current?.image ?? ''
      return Promise.resolve({ beforeImage: image, beforeVersion: current?.version ?? '' })
    },
    release: async (context, { image, version }) => {
      await compose(context, ['up', '-d', '--no-build', '--no-deps', place.service], image, version)
    },
    back: async (context) => {
      const { beforeImage = '', beforeVersion = '', image = '' } = context.facts
      if (beforeImage === '') await compose(context, ['rm', '-s', '-f', place.service], image, '')
      else
        await compose(
          context,
          ['up', '-d', '--no-build', '--no-deps', place.service],
          beforeImage,
          beforeVersion,
        )
    },
    restart: async (context) => {
      const current = spec.action.known?.current?.release
      await compose(context, ['restart', place.service], current?.image ?? '', current?.version ?? '')
    },
    // All of its own compose project: nothing else was ever started in that.
    takeDown: async (context, withData) => {
      const current = spec.action.known?.current?.release
      const args = ['down', '--remove-orphans', ...(withData ? ['--volumes'] : [])]
      await compose(context, args, current?.image ?? 'none', current?.version ?? '')
    },
    health: async (context) => {
      const [program, first] = await composeProgram(context)
      const { out } = await result({
        program,
        args: [...first, ...base, 'ps', '-q', place.service],
        env: { [place.imageVariable]: spec.action.known?.current?.release.image ?? 'none' },
        cwd: root,
        signal: context.signal,
      })
      return out === '' ? 'it does not run' : null
    },
    detail: (facts) => ({ project, service: place.service, imageRef: facts.imageRef ?? '' }),
  }
}

/** The plugin where there is one, else the program of old. */
async function composeProgram({ signal }: StepContext): Promise<readonly [string, readonly string[]]> {
  const plugin = await result({ program: 'docker', args: ['compose', 'version'], signal }).catch(
    () => undefined,
  )
  return plugin?.code === 0 ? ['docker', ['compose']] : ['docker-compose', []]
}
