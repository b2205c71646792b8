import { ARTIFACT_VERBS } from './verbs/artifacts.ts'
import { BALLOT_VERBS } from './verbs/ballots.ts'
import { CONFLICT_VERBS } from './verbs/conflicts.ts'
import { CONTEXT_VERBS } from './verbs/context.ts'
import { HANDOFF_VERBS } from './verbs/handoffs.ts'
import { INCIDENT_VERBS } from './verbs/incidents.ts'
import { LOCK_VERBS } from './verbs/locks.ts'
import { MAIL_VERBS } from './verbs/mail.ts'
import type { Verb } from './verbs/verb.ts'
import { WORK_VERBS } from './verbs/work.ts'

/** Everything an agent can ask for, by name. A map, so that no name an agent sends is found in a prototype. */
export const VERBS: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    ...WORK_VERBS,
    ...MAIL_VERBS,
    ...HANDOFF_VERBS,
    ...BALLOT_VERBS,
    ...ARTIFACT_VERBS,
    ...CONTEXT_VERBS,
    ...LOCK_VERBS,
    ...CONFLICT_VERBS,
    ...INCIDENT_VERBS,
  }),
)
