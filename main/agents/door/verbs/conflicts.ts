import { z } from 'zod'
import { actionsFor, CONFLICT_ACTIONS, type Conflict } from '../../../domain/conflicts/conflict.ts'
import { isForAgents, policyOf } from '../../../domain/conflicts/matrix.ts'
import { nameOfHolder } from '../../../domain/conflicts/parties.ts'
import { holderOf } from '../../../domain/locks/taskLocks.ts'
import { Refused } from '../call.ts'
import { answer } from '../door.ts'
import type { Standing } from '../standing.ts'
import { type Verb, verb } from './verb.ts'

/** What an agent is told of the conflicts it has part in, and what it is for. */
export const CONFLICT_VERBS: Readonly<Record<string, Verb>> = {
  conflicts: verb({
    about: 'Lists the open conflicts you have part in, with what is recommended.',
    args: z.strictObject({}),
    changes: false,
    run: async ({ standing }) => {
      const mine = standing.conflicts.filter(
        ({ parties, resolution }) => resolution === null && parties.includes(own(standing)),
      )
      return answer({ conflicts: mine.map((conflict) => conflictJson(standing, conflict)) })
    },
  }),
  settle: verb({
    about: 'Says how a conflict should be settled; at level 1 two agents that agree settle it.',
    args: z.strictObject({
      conflict: z.string().regex(/^c\d+$/, 'a conflict is named like c4'),
      action: z.enum(CONFLICT_ACTIONS),
    }),
    changes: true,
    run: async (call, { conflict: id, action }) => {
      await call.command({ type: 'agent.settle', conflict: id, action })
      const found = call.standing.conflicts.find((conflict) => conflict.id === id)
      if (found === undefined)
        throw new Refused('unknown', `there is no conflict ${id}`, '"conflicts" lists yours.')
      return answer(conflictJson(call.standing, found))
    },
  }),
}

function own({ run, task, attempt }: Standing): string {
  return holderOf(run, task, attempt.n)
}

function conflictJson(standing: Standing, conflict: Conflict): Readonly<Record<string, unknown>> {
  const { id, cause, kind, level, files, text, parties, recommendation, votes, resolution } = conflict
  const policy = policyOf(kind, standing.run.plan.conflicts)
  return {
    conflict: id,
    cause,
    kind,
    level,
    /** Who decides at this level; the agents themselves where it is theirs. */
    decides: policy.authorities[level - 1],
    yours: resolution === null && isForAgents(policy, level),
    files,
    text,
    between: parties.map(nameOfHolder),
    actions: actionsFor(cause),
    recommended: recommendation.action,
    reasons: recommendation.reasons,
    votes: Object.fromEntries(Object.entries(votes).map(([holder, vote]) => [nameOfHolder(holder), vote])),
    settled: resolution === null ? null : resolution.detail,
  }
}
