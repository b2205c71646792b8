import type { TargetPlace } from '../../domain/targets/target.ts'
import type { ActionSpec } from '../actions.ts'
import { type StepContext, StepError } from '../step.ts'
import { quoted, result, run } from './command.ts'
import { keepsData, type Reach, type Shipped } from './reach.ts'

/** A machine that is reached by ssh, with the commands its target names. Nobody is there to type a password. */
export function sshReach(spec: ActionSpec): Reach {
  const { target } = spec.action
  const place = target.place as Extract<TargetPlace, { kind: 'ssh' }>
  const { commands, host } = place
  const args = (command: string, { image, version }: Shipped): readonly string[] => [
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'ServerAliveInterval=10', '-T', host, '--'],
    // One word of the other end's shell each: what is deployed is data.
    `AMPHITHEATRE_IMAGE=${quoted(image)} AMPHITHEATRE_VERSION=${quoted(version)} sh -c ${quoted(command)}`,
  ]
  const there = (context: StepContext, command: string, what: Shipped): Promise<string> =>
    run({ program: 'ssh', args: args(command, what), signal: context.signal, say: context.say })
  const current = (): Shipped => {
    const release = spec.action.known?.current?.release
    return { image: release?.image ?? '', version: release?.version ?? '' }
  }
  const { restart, takeDown = null } = commands
  return {
    target,
    url: place.url,
    before: () => {
      const { image, version } = current()
      return Promise.resolve({ beforeImage: image, beforeVersion: version })
    },
    release: async (context, what) => {
      await there(context, commands.deploy, what)
    },
    back: async (context) => {
      const { beforeImage = '', beforeVersion = '' } = context.facts
      const what = { image: beforeImage, version: beforeVersion }
      if (commands.rollback !== null) {
        await there(context, commands.rollback, what)
        return
      }
      if (beforeImage === '' && beforeVersion === '') {
        const remedy = 'Give the target a "rollback" command, or put it right there by hand.'
        throw new StepError(`Nothing is known that ${target.name} could go back to.`, remedy)
      }
      await there(context, commands.deploy, what)
    },
    restart:
      restart === null
        ? null
        : async (context) => {
            await there(context, restart, current())
          },
    takeDown:
      takeDown === null
        ? null
        : async (context, withData) => {
            if (withData) throw keepsData(target.name)
            await there(context, takeDown, current())
          },
    health: async ({ signal }) => {
      if (commands.health === null) return null
      const { code, words } = await result({ program: 'ssh', args: args(commands.health, current()), signal })
      return code === 0 ? null : `its health command ended with code ${code}: ${words}`
    },
    detail: () => ({ host }),
  }
}
