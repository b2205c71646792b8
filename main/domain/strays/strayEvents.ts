import { z } from 'zod'

/** What happens to files an agent wrote without being allowed to. `count`: which setting aside of the attempt. */
const ofAside = {
  task: z.number().int().min(0),
  attempt: z.number().int().min(1),
  count: z.number().int().min(1),
}
const paths = z.array(z.string())

export const STRAY_EVENTS = [
  /** They are to be set aside. */
  z.object({ type: z.literal('stray.seen'), ...ofAside, conflict: z.string(), paths }),
  z.object({
    type: z.literal('stray.set-aside'),
    ...ofAside,
    /** What was written, as a commit on what was cut; null where there was nothing to keep. */
    commit: z.string().nullable(),
    /** Content hash of its stored diff. */
    patch: z.string().nullable(),
    paths,
    /** Stays where it is and is not committed. */
    left: z.array(z.object({ path: z.string(), reason: z.string() })),
  }),
  z.object({ type: z.literal('stray.ruled'), ...ofAside, verdict: z.enum(['allow', 'discard']) }),
  /** Its agent holds the files now: they are put back. */
  z.object({ type: z.literal('stray.returning'), ...ofAside }),
  z.object({ type: z.literal('stray.closed'), ...ofAside }),
] as const
