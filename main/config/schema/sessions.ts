import { z } from 'zod'
import { AgentName, Glob, Name, Resource, Text, Texts, Timeout } from './scalars.ts'

/** Sessions: agents that somebody starts by hand, together, under the name of a phase. */

const SessionAgent = z
  .strictObject({
    name: AgentName,
    files: z
      .union([Glob.transform((glob) => [glob]), z.array(Glob).max(200)])
      .optional()
      .meta({ description: 'What it changes; nobody else does meanwhile.' }),
    reads: z.array(Glob).max(200).optional().meta({ description: 'What nobody may change meanwhile.' }),
    uses: z.array(Resource).max(200).optional(),
    priority: z.int().min(1).max(5).optional().meta({ description: '1 first, 5 last; 3 unless set.' }),
    dependencies: Texts.optional().meta({ description: 'Agents before it, by name or id.' }),
    wait_for_completion: z
      .boolean()
      .optional()
      .meta({ description: 'Begin only when those have completed; true unless set.' }),
    timeout: Timeout.optional().meta({ description: 'Running time after which it is terminated.' }),
  })
  .meta({ id: 'SessionAgent' })

export const Session = z.strictObject({
  title: Text.optional(),
  agents: z.array(SessionAgent).min(1).max(100),
})
export const Sessions = z.record(Name, Session)

export type SessionInput = z.output<typeof Session>
