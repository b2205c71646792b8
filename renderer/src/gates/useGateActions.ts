import { useState } from 'react'
import type { ClientCommand } from '../../../main/domain/commands.ts'
import { waitingApprovals } from '../../../main/domain/gates/approving.ts'
import type { GateRecord } from '../../../main/domain/gates/gateRecord.ts'
import { gateSpec } from '../../../main/domain/gates/places.ts'
import type { Run } from '../../../main/domain/state.ts'
import type { Action } from '../actions/action.ts'
import { refusalOf } from '../actions/refusal.ts'
import { useDispatch } from '../actions/useDispatch.ts'
import { forgetRun } from '../state/history.ts'
import { usePerson } from '../state/person.ts'
import { useEngineState, useLive } from '../state/session.tsx'
import { confirm } from '../ui/Dialog.tsx'
import { useWords } from '../words/language.ts'
import { words } from './words.ts'

export type GateVerb = 'approve' | 'reject' | 'evaluate' | 'skip'

export interface GateDecision {
  readonly why: string
  setWhy(why: string): void
  /** What makes sense with a gate in this state, each with the reason where it cannot be done. */
  readonly verbs: Readonly<Partial<Record<GateVerb, Action>>>
}

/** What a person can do about a gate, with the reason they give. */
export function useGateDecision(run: Run, record: GateRecord): GateDecision {
  const w = useWords(words)
  const [why, setWhy] = useState('')
  const dispatch = useDispatch()
  const state = useEngineState()
  const person = usePerson()
  const connected = useLive((live) => live.connection.status === 'connected')
  const spec = gateSpec(run.plan, record.gate)
  const of = { run: run.id, gate: record.id }
  const seen = { ...of, commit: record.commit }
  const commands: Readonly<Record<GateVerb, ClientCommand>> = {
    approve: { type: 'gate.approve', ...seen, yes: true, condition: null, why: why.trim() },
    reject: { type: 'gate.approve', ...seen, yes: false, condition: null, why: why.trim() },
    evaluate: { type: 'gate.evaluate', ...of },
    skip: { type: 'gate.skip', ...of, why: why.trim() },
  }
  const send = async (verb: GateVerb): Promise<void> => {
    if (verb === 'skip') {
      const text = w.skipText(why.trim())
      if (!(await confirm({ title: w.skipQuestion(spec.title), text, confirm: w.skip, danger: true }))) return
    }
    if (!(await dispatch(commands[verb]))) return
    forgetRun(run.id)
    setWhy('')
  }
  const action = (verb: GateVerb): Action => ({
    id: verb,
    label: w[verb],
    unavailable:
      !connected || state === undefined
        ? w.notConnected
        : refusalOf(state, run, commands[verb], undefined, person),
    perform: () => void send(verb),
  })
  const verbs: Partial<Record<GateVerb, Action>> = {}
  if (waitingApprovals(spec, record).length > 0) {
    verbs.approve = action('approve')
    verbs.reject = action('reject')
  }
  if (record.state === 'waiting' || record.state === 'failed') verbs.evaluate = action('evaluate')
  const canEnd = record.state === 'evaluating' || verbs.evaluate !== undefined
  if (spec.maySkip !== null && canEnd) verbs.skip = action('skip')
  return { why, setWhy, verbs }
}
