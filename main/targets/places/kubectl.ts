import type { TargetPlace } from '../../domain/targets/target.ts'
import type { ActionSpec } from '../actions.ts'
import type { StepContext } from '../step.ts'
import { result, run } from './command.ts'
import { keepsData, type Reach } from './reach.ts'

/** How long a rollout may take; the cluster itself goes on trying. */
const ROLLOUT = '--timeout=300s'

/** One container of a workload of a cluster, by `kubectl`. */
export function kubectlReach(spec: ActionSpec): Reach {
  const { target } = spec.action
  const place = target.place as Extract<TargetPlace, { kind: 'kubectl' }>
  const { container, namespace, workload } = place
  const base = [...(place.context === null ? [] : ['--context', place.context]), '--namespace', namespace]
  const kubectl = ({ signal, say }: StepContext, ...args: readonly string[]): Promise<string> =>
    run({ program: 'kubectl', args: [...base, ...args], signal, say })
  const image = async ({ signal }: StepContext): Promise<string> =>
    run({
      program: 'kubectl',
      args: [
        ...base,
        'get',
        workload,
        '-o',
        `jsonpath={.spec.template.spec.containers[?(@.name=="${container}")].image}`,
      ],
      signal,
    })
  const set = async (context: StepContext, to: string): Promise<void> => {
    if ((await image(context)) !== to) await kubectl(context, 'set', 'image', workload, `${container}=${to}`)
    await kubectl(context, 'rollout', 'status', workload, ROLLOUT)
  }
  return {
    target,
    url: place.url,
    before: async (context) => ({ beforeImage: await image(context) }),
    release: (context, what) => set(context, what.image),
    back: (context) => set(context, context.facts.beforeImage ?? ''),
    restart: async (context) => {
      await kubectl(context, 'rollout', 'restart', workload)
      await kubectl(context, 'rollout', 'status', workload, ROLLOUT)
    },
    // The workload was there before anything was released to it: it stays, and runs nothing.
    takeDown: async (context, withData) => {
      if (withData) throw keepsData(target.name)
      await kubectl(context, 'scale', workload, '--replicas=0')
    },
    health: async ({ signal }) => {
      const args = [...base, 'rollout', 'status', workload, '--watch=false']
      const { code, out, words } = await result({ program: 'kubectl', args, signal })
      return code === 0 && /successfully rolled out/.test(out) ? null : words
    },
    detail: (facts) => ({ workload, container, namespace, imageRef: facts.imageRef ?? '' }),
  }
}
