import { z } from 'zod'
import { type Call, Refused } from '../call.ts'
import type { DoorReply } from '../door.ts'
import { issuesText } from '../issues.ts'
import { DOOR_LIMITS } from '../limits.ts'

/** Something an agent can ask for by name. */
export interface Verb {
  /** One line, for people and for tools that list it. */
  readonly about: string
  /** What it takes. `send` takes more forms than this one; see `messageForms`. */
  readonly args: z.ZodObject
  /** It needs a Request-Id, by which a repeated call is known. */
  readonly changes: boolean
  perform(call: Call, args: unknown): Promise<DoorReply>
}

export function verb<S extends z.ZodObject>(spec: {
  readonly about: string
  readonly args: S
  readonly changes: boolean
  /** Makes other forms into the one of `args`. */
  readonly read?: (args: unknown, call: Call) => unknown
  readonly run: (call: Call, args: z.output<S>) => Promise<DoorReply>
}): Verb {
  const { about, args, changes, run, read = (given: unknown) => given } = spec
  return {
    about,
    args,
    changes,
    perform: async (call, given) => {
      const parsed = args.safeParse(read(given, call))
      if (parsed.success) return run(call, parsed.data)
      const known = Object.keys(args.shape).join(', ')
      const remedy = known === '' ? 'It takes no arguments.' : `It takes: ${known}. See docs/agents.md.`
      throw new Refused('bad-request', issuesText(parsed.error), remedy)
    },
  }
}

const MOST_LISTED = 100

/** Seconds a call may wait for what it asks about. */
export const waitSchema = z.number().min(0).max(DOOR_LIMITS.waitSeconds).default(0)

export const word = z.string().min(1).max(200)

/** As many of the newest as one answer holds, oldest first; `left` older ones are not among them. */
export function newest<T>(
  all: readonly T[],
  json: (one: T) => Readonly<Record<string, unknown>>,
): { readonly items: readonly Readonly<Record<string, unknown>>[]; readonly left: number } {
  const items: Readonly<Record<string, unknown>>[] = []
  let bytes = 0
  for (const one of all.toReversed()) {
    const item = json(one)
    bytes += Buffer.byteLength(JSON.stringify(item))
    if (items.length >= MOST_LISTED || (items.length > 0 && bytes > DOOR_LIMITS.inboxBytes)) break
    items.push(item)
  }
  return { items: items.toReversed(), left: all.length - items.length }
}
