import { z } from 'zod'
import { type Ballot, tally } from '../../../domain/talk/ballot.ts'
import { Refused, reused } from '../call.ts'
import { answer } from '../door.ts'
import { partyName, type Standing, taskNames } from '../standing.ts'
import { newest, type Verb, verb, waitSchema, word } from './verb.ts'

const SECONDS_PER_WEEK = 7 * 24 * 3_600

export const BALLOT_VERBS: Readonly<Record<string, Verb>> = {
  ballot: verb({
    about: 'Puts a question with options to others, decided by counting; with wait until it is closed.',
    args: z.strictObject({
      question: z.string().min(1).max(2_000),
      options: z.array(word).min(2).max(20),
      to: word,
      /** Votes for one option that decide at once; by default more than half of the voters, and 2 at least. */
      needed: z.number().int().min(1).max(1_000).nullable().default(null),
      /** Seconds it stays open; by default the project's time for answers. */
      open: z.number().min(1).max(SECONDS_PER_WEEK).nullable().default(null),
      wait: waitSchema,
    }),
    changes: true,
    run: async (call, { open, wait, ...ballot }) => {
      const openMs = open === null ? null : Math.round(open * 1_000)
      const { ballot: id } = await call.command({ type: 'agent.open-ballot', ballot: { ...ballot, openMs } })
      if (id === undefined) throw reused()
      await call.wait(wait, (standing) => closed(standing, id))
      return answer(ballotJson(call.standing, ballotOf(call.standing, id)))
    },
  }),
  ballots: verb({
    about: 'Lists the ballots of the run, or gives one of them; with wait until that one is closed.',
    args: z.strictObject({ ballot: word.optional(), wait: waitSchema }),
    changes: false,
    run: async (call, { ballot, wait }) => {
      if (ballot === undefined) {
        const { standing } = call
        const { items, left } = newest(standing.run.talk.ballots, (one) => ballotJson(standing, one))
        return answer({ ballots: items, left })
      }
      ballotOf(call.standing, ballot)
      await call.wait(wait, (standing) => closed(standing, ballot))
      return answer(ballotJson(call.standing, ballotOf(call.standing, ballot)))
    },
  }),
  vote: verb({
    about: 'Votes in a ballot; a vote cannot be changed.',
    args: z.strictObject({ ballot: word, option: word }),
    changes: true,
    run: async (call, { ballot, option }) => {
      await call.command({ type: 'agent.vote', ballot, option })
      return answer(ballotJson(call.standing, ballotOf(call.standing, ballot)))
    },
  }),
}

function ballotOf({ run }: Standing, id: string | undefined): Ballot {
  const ballot = run.talk.ballots.find((one) => one.id === id)
  if (ballot !== undefined) return ballot
  throw new Refused('unknown', 'there is no such ballot', 'Ballots are named like v2; "ballots" lists them.')
}

function closed({ run }: Standing, id: string | undefined): true | undefined {
  return run.talk.ballots.some((one) => one.id === id && one.closed !== null) || undefined
}

function ballotJson({ run }: Standing, ballot: Ballot): Readonly<Record<string, unknown>> {
  const { id, by, question, options, voters, needed, due, closed: end } = ballot
  const attempt =
    by === null ? undefined : (run.tasks.get(by)!.current?.n ?? run.tasks.get(by)!.past.at(-1)?.n)
  return {
    ballot: id,
    by: by === null ? 'person' : partyName(run, { kind: 'task', task: by, attempt: attempt ?? 1 }),
    question,
    options,
    voters: taskNames(run, voters),
    needed,
    due: new Date(due).toISOString(),
    votes: tally(ballot),
    closed: end !== null,
    result: end?.result ?? null,
    reason: end?.reason ?? null,
  }
}
