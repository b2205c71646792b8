import { z } from 'zod'
import { BYTE_UNITS, parseBytes } from '../../domain/bytes.ts'
import { DURATION_UNITS, parseDuration } from '../../domain/duration.ts'
import { NAME_PATTERN } from '../../domain/ids.ts'
import { RESOURCE_NAME } from '../../domain/locks/lockWord.ts'
import { MOST_LETTERS, nameFault } from '../../domain/registered/registered.ts'
import { globFault, pathFault } from '../globs.ts'
import { nearest } from '../nearest.ts'

/** The scalars of the project file. Each says in its own words what is wrong with a value. */

/** Adds an issue in the project's own words; `word` is the nearest right one. */
function refuse(context: z.RefinementCtx, message: string, word?: string): void {
  context.addIssue({ code: 'custom', message, params: word === undefined ? {} : { suggestion: word } })
}

export const Text = z.string().min(1)
export const Texts = z.array(Text)

/** Names that git refuses in a ref, or Windows in a file name, though every letter of them is allowed. */
const UNUSABLE = /\.\.|\.$|\.lock$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** What names a task, role, epic or project. */
export const Name = z
  .string()
  .regex(NAME_PATTERN, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is not a valid name: use letters, digits, ".", "_" and "-", at most 64, starting with a letter or digit`,
  })
  .superRefine((name, context) => {
    if (UNUSABLE.test(name))
      refuse(context, `"${name}" cannot be a name: git or Windows refuses it as a file name`)
  })

/** `5 minutes`, to milliseconds. */
export const Duration = z
  .string({
    error: ({ input }) =>
      typeof input === 'number'
        ? `${input} does not say its unit: write "${input} seconds" or "${input} minutes"`
        : undefined,
  })
  .transform((text, context): number => {
    const result = parseDuration(text)
    if (result.ok) return result.ms
    refuse(
      context,
      result.reason,
      result.unit === undefined ? undefined : nearest(result.unit, DURATION_UNITS),
    )
    return z.NEVER
  })
  .meta({ description: 'A duration: "5 minutes", "30s", "1h 30m".', examples: ['5 minutes', '30s', '24h'] })

const YEAR_MS = 366 * 86_400_000

/** A duration that some waiting is bounded by: neither zero nor over a year. */
export const Timeout = Duration.superRefine((ms, context) => {
  if (ms === 0) refuse(context, 'this duration must be longer than 0')
  if (ms > YEAR_MS) refuse(context, 'this duration must be at most one year')
})

/** Docker starts nothing with less. */
const LEAST_MEMORY = 6 * 1024 * 1024

/** `512MB`, to bytes. */
export const Memory = z
  .string({
    error: ({ input }) =>
      typeof input === 'number'
        ? `${input} does not say its unit: write "${input}MB" or "${input}GB"`
        : undefined,
  })
  .transform((text, context): number => {
    const result = parseBytes(text)
    if (!result.ok) {
      refuse(context, result.reason, result.unit === undefined ? undefined : nearest(result.unit, BYTE_UNITS))
      return z.NEVER
    }
    if (result.bytes < LEAST_MEMORY)
      refuse(context, `${JSON.stringify(text)} is too little: the least is 6 MiB`)
    return result.bytes
  })
  .meta({ description: 'A size: "512MB", "2GiB".', examples: ['512MB', '2GiB'] })

/** What git cannot see: `database_schema`, `port:5432`, `env:staging`. */
export const Resource = z.string().regex(RESOURCE_NAME, {
  error: ({ input }) =>
    `${JSON.stringify(input)} is not a resource: write for example "database_schema" or "port:5432"`,
})

/** What an agent that somebody starts by hand is called. */
export const AgentName = Text.max(MOST_LETTERS, { abort: true }).superRefine((name, context) => {
  const fault = nameFault(name)
  if (fault !== undefined) refuse(context, fault)
})

/** A glob relative to the repository root. */
export const Glob = z.string().superRefine((glob, context) => {
  const fault = globFault(glob)
  if (fault !== undefined) refuse(context, fault)
})

/** A path relative to the repository root. */
export const RepositoryPath = z.string().superRefine((path, context) => {
  const fault = pathFault(path)
  if (fault !== undefined) refuse(context, fault)
})

const ImageReference = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._\-/:@]{0,254}$/, {
  error: ({ input }) =>
    `${JSON.stringify(input)} is not an image reference: write for example "amphitheatre/agent:1"`,
})

export const Image = z
  .union([ImageReference, z.strictObject({ build: RepositoryPath })])
  .transform((image) => (typeof image === 'string' ? { ref: image } : image))
  .meta({ description: 'A ready image, or {build: path} for a folder with a Dockerfile.' })

export const EnvName = z.string().superRefine((name, context) => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    refuse(context, `"${name}" cannot name a variable: use letters, digits and "_"`)
  } else if (name.startsWith('AMPHITHEATRE_')) {
    refuse(context, `"${name}" is set by the program itself: choose a name without AMPHITHEATRE_`)
  }
})

export const EnvValue = z.union([z.string(), z.number(), z.boolean()]).superRefine((value, context) => {
  if (String(value).includes('\0')) refuse(context, 'a variable cannot hold a NUL character')
})
