import { assertNever } from '../assertNever.ts'
import type { Ballot } from './ballot.ts'
import type { BallotEvent } from './eventGroups.ts'

export function evolveBallots(
  ballots: readonly Ballot[],
  data: BallotEvent,
  time: number,
): readonly Ballot[] {
  switch (data.type) {
    case 'ballot.opened': {
      const { id, by, question, options, voters, needed, due } = data
      const opened = {
        id,
        by,
        question,
        options,
        voters,
        needed,
        openedAt: time,
        due,
        votes: [],
        closed: null,
      }
      return [...ballots, opened]
    }
    case 'ballot.voted': {
      const { task, option } = data
      return changed(ballots, data.id, (ballot) => ({
        ...ballot,
        votes: [...ballot.votes, { task, option }],
      }))
    }
    case 'ballot.closed': {
      const { result, reason } = data
      return changed(ballots, data.id, (ballot) => ({ ...ballot, closed: { at: time, result, reason } }))
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

function changed(ballots: readonly Ballot[], id: string, to: (ballot: Ballot) => Ballot): readonly Ballot[] {
  return ballots.map((ballot) => (ballot.id === id ? to(ballot) : ballot))
}
