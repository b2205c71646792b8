import { z } from 'zod'

/** Images and resources as they may come from another process. */
export const imageShape = z.union([
  z.object({ ref: z.string().min(1) }),
  z.object({ build: z.string().min(1) }),
])

const count = z.int().min(0)
export const resourcesShape = z.object({
  cpus: z.number().positive().nullable(),
  memoryBytes: count.nullable(),
  pids: count.nullable(),
})
