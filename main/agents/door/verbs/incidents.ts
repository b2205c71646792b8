import { z } from 'zod'
import { incidentDraftSchema } from '../../../domain/incidents/incidentCommands.ts'
import { answer } from '../door.ts'
import { type Verb, verb } from './verb.ts'

/** Trouble that an agent sees, beyond its own task. */
export const INCIDENT_VERBS: Readonly<Record<string, Verb>> = {
  incident: verb({
    about: 'Opens an incident, or tells more of the one that is open for the target.',
    args: z.strictObject(incidentDraftSchema.shape),
    changes: true,
    run: async (call, incident) => {
      const { incident: id } = await call.command({ type: 'agent.incident', incident })
      return answer({ incident: id })
    },
  }),
}
