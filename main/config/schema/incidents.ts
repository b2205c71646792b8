import { z } from 'zod'
import { SEVERITIES } from '../../domain/incidents/policy.ts'
import { NETWORK_POLICIES } from '../../domain/project.ts'
import { INSPECTIONS } from '../../domain/targets/target.ts'
import { EnvName, EnvValue, Image, Name, Text, Texts, Timeout } from './scalars.ts'

/** `incidents:` and `playbooks:` as they are written. */

const Severity = z.enum(SEVERITIES)
const OneOrMore = z.union([Text, Texts.min(1)])
const Share = z.number().min(0).max(1)

const work = {
  title: Text.optional(),
  agent: Text.optional().meta({ description: 'The role that does it.' }),
  image: Image.optional(),
  network: z.enum(NETWORK_POLICIES).optional(),
  workspace: z.enum(['repo', 'none']).optional().meta({ description: 'none unless set.' }),
  env: z.record(EnvName, EnvValue).optional(),
  timeout: Timeout.optional().meta({ description: '2 minutes unless set.' }),
}

const Check = z
  .strictObject({
    id: Name,
    ...work,
    inspect: z.enum(INSPECTIONS).optional().meta({ description: 'What the engine looks at itself.' }),
    run: Text.optional().meta({
      description:
        'Shell command; tells what it found by lines finding=, cause=, confidence= and evidence= in $AMPHITHEATRE_OUTPUT.',
    }),
  })
  .refine(({ inspect, run }) => (inspect === undefined) !== (run === undefined), {
    error: 'a check has either "run" or "inspect"',
  })

const sign = { check: Text.optional().meta({ description: 'Any check unless set.' }), says: OneOrMore }
const Sign = z.strictObject(sign)
const WeightedSign = z.strictObject({
  ...sign,
  weight: Share.optional().meta({ description: '0.5 unless set.' }),
})

const Row = z.strictObject({
  cause: Name,
  title: Text.optional(),
  needs: z.array(Sign).optional().meta({ description: 'Without all of these it is no candidate.' }),
  signs: z.array(WeightedSign).min(1),
  against: z.array(WeightedSign).optional(),
})

const approval = z.enum(['person', 'automatic'])

const Remedy = z
  .strictObject({
    ...work,
    do: Text.optional().meta({ description: 'roll back, restart containers, or run EPIC.' }),
    run: Text.optional().meta({ description: 'Shell command, instead of "do".' }),
    approval: approval.optional(),
    irreversible: Texts.optional().meta({ description: 'What it cannot take back, in words.' }),
  })
  .refine((remedy) => (remedy.do === undefined) !== (remedy.run === undefined), {
    error: 'a remedy has either "do" or "run"',
  })

export const Playbook = z.strictObject({
  title: Text.optional(),
  match: z
    .strictObject({
      severity: z.union([Severity, z.array(Severity).min(1)]).optional(),
      labels: z
        .record(Text, z.string())
        .optional()
        .meta({ description: 'Of an alert; * stands for anything.' }),
      target: OneOrMore.optional(),
    })
    .optional()
    .meta({ description: 'Any incident unless set.' }),
  broadcast: z.boolean().optional().meta({ description: 'Tells all agents at work; true unless set.' }),
  checks: z.array(Check).optional().meta({ description: 'Done at once by several agents.' }),
  diagnosis: z.array(Row).optional().meta({ description: 'Which findings speak for which cause.' }),
  remedies: z
    .record(Name, z.union([Text, Remedy]))
    .optional()
    .meta({ description: 'By cause: {bad_migration: roll back, memory_leak: restart containers}.' }),
  verify: z.array(Check).optional().meta({ description: 'After a remedy, beside the target’s own.' }),
  approval: approval.optional().meta({ description: 'Who decides on a remedy; a person unless set.' }),
  enough: Share.optional().meta({
    description: 'Confidence from which on a remedy without a person is carried out; 0.8 unless set.',
  }),
})

export const Playbooks = z.record(Name, Playbook)

export const Incidents = z.strictObject({
  storm_window: Timeout.optional().meta({
    description: 'Alerts so soon after another are of one incident; 5 minutes unless set.',
  }),
  reopen_within: Timeout.optional().meta({
    description:
      'An incident that is over is opened again when it fires within so long; 24 hours unless set.',
  }),
  severities: z
    .record(Text, Severity)
    .optional()
    .meta({ description: 'What the severity label of an alert says: {critical: P0}.' }),
  target_labels: Texts.optional().meta({ description: 'Labels of an alert that may name a target.' }),
})

export type CheckInput = z.output<typeof Check>
export type RemedyInput = z.output<typeof Remedy>
export type PlaybookInput = z.output<typeof Playbook>
