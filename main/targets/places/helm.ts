import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TargetPlace } from '../../domain/targets/target.ts'
import type { ActionSpec } from '../actions.ts'
import { type StepContext, StepError } from '../step.ts'
import { result, run } from './command.ts'
import { keepsData, type Reach } from './reach.ts'

const TIMEOUT = ['--wait', '--timeout', '300s']

/**
 * A Helm release. `revision`: that of then is gone back to, with all its values, as long as helm still knows it; else what
 * is to be released is released by the chart. A chart in a folder is the user's own, in their checkout, never one that agents have written. */
export function helmReach(spec: ActionSpec, revision = ''): Reach {
  const { target, root } = spec.action
  const place = target.place as Extract<TargetPlace, { kind: 'helm' }>
  const { namespace, release } = place
  const base = [
    ...(place.context === null ? [] : ['--kube-context', place.context]),
    '--namespace',
    namespace,
  ]
  const chart = existsSync(join(root, place.chart)) ? join(root, place.chart) : place.chart
  const helm = ({ signal, say }: StepContext, ...args: readonly string[]): Promise<string> =>
    run({ program: 'helm', args: [...args, ...base], cwd: root, signal, say })
  const revisions = async (
    { signal }: StepContext,
    ...more: readonly string[]
  ): Promise<readonly string[]> => {
    const args = ['history', release, ...more, '-o', 'json', ...base]
    const { code, out, words } = await result({ program: 'helm', args, cwd: root, signal })
    if (code === 0) return revisionsIn(out)
    if (/not found/i.test(words)) return []
    throw new StepError(`helm cannot be asked what is released: ${words}`, 'Look at its context and rights.')
  }
  return {
    target,
    url: place.url,
    before: async (context) => ({ revision: (await revisions(context, '--max', '1')).at(-1) ?? '' }),
    release: async (context, { image }) => {
      const value = `${place.imageValue}=${image}`
      if (revision !== '' && (await revisions(context)).includes(revision))
        await helm(context, 'rollback', release, revision, ...TIMEOUT)
      else await helm(context, 'upgrade', '--install', release, chart, '--set-string', value, ...TIMEOUT)
      context.note({ released: (await revisions(context, '--max', '1')).at(-1) ?? '' })
    },
    back: async (context) => {
      const { revision = '' } = context.facts
      if (revision === '') await helm(context, 'uninstall', release, '--ignore-not-found', ...TIMEOUT)
      else await helm(context, 'rollback', release, revision, ...TIMEOUT)
    },
    restart: null,
    takeDown: async (context, withData) => {
      if (withData) throw keepsData(target.name)
      await helm(context, 'uninstall', release, '--ignore-not-found', ...TIMEOUT)
    },
    health: async ({ signal }) => {
      const args = ['status', release, '-o', 'json', ...base]
      const { code, out, words } = await result({ program: 'helm', args, cwd: root, signal })
      return code === 0 && statusIn(out) === 'deployed' ? null : words
    },
    detail: (facts) => ({ release, namespace, before: facts.revision ?? '', revision: facts.released ?? '' }),
  }
}

/** Oldest first. */
function revisionsIn(json: string): readonly string[] {
  const all = JSON.parse(json) as readonly { readonly revision?: number }[]
  return all.flatMap(({ revision }) => (revision === undefined ? [] : [String(revision)]))
}

function statusIn(json: string): string | undefined {
  return (JSON.parse(json) as { readonly info?: { readonly status?: string } }).info?.status
}
