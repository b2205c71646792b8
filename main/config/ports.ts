import type { PortRange } from '../domain/locks/ports.ts'
import { asMap, type EpicDraft } from './drafts.ts'
import type { Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** `uses: [port]` and the range that such ports are leased from. */

/** A use of this name is a port of the range, and not one thing for all. */
export const PORT = 'port'

const RANGE = /^(\d{1,5})\s*-\s*(\d{1,5})$/
/** More would only make the choice slow. */
const MOST_PORTS = 10_000

/** `40000-40099`; undefined for what is no range of ports that anybody may open. */
export function parsePortRange(text: string): PortRange | undefined {
  const match = RANGE.exec(text.trim())
  const [from, to] = [Number(match?.[1]), Number(match?.[2])]
  const isRange = from >= 1024 && to <= 65_535 && from <= to && to - from < MOST_PORTS
  return isRange ? { from, to } : undefined
}

/** Tasks that use more ports than there are, or two of them by one name. */
export function checkPorts(root: unknown, epics: readonly EpicDraft[], source: Source): readonly Problem[] {
  const text = asMap(asMap(root)?.['ports'])?.['range']
  const range = typeof text === 'string' ? parsePortRange(text) : undefined
  const size = range === undefined ? 0 : range.to - range.from + 1
  return epics.flatMap(({ tasks }) =>
    tasks.flatMap((task) => {
      const names = Array.isArray(task.raw.uses)
        ? task.raw.uses.flatMap((use: unknown) => portName(use) ?? [])
        : []
      const at = [...task.path, 'uses']
      if (names.length > size && text === undefined)
        return [source.problemAtKey(at, 'there are no ports to lease: add "ports: {range: 40000-40099}"')]
      if (names.length > size && range !== undefined)
        return [source.problemAtKey(at, `it uses ${names.length} ports, "ports" has ${size}`)]
      const env = asMap(task.raw.env) ?? {}
      const twice = names.find((name, i) => names.indexOf(name) !== i || name in env)
      if (twice === undefined) return []
      return [source.problemAtKey(at, `two values for ${twice}: name each port with "env"`)]
    }),
  )
}

/** The variable a port is put into; undefined for a use that is none. */
export function portName(use: unknown): string | undefined {
  if (use === PORT) return 'PORT'
  const fields = asMap(use)
  if (fields?.['resource'] !== PORT) return undefined
  return typeof fields['env'] === 'string' ? fields['env'] : 'PORT'
}
