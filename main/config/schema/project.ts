import { z } from 'zod'
import { CONFLICT_KINDS } from '../../domain/conflicts/conflict.ts'
import { PREDICTION_ACTIONS } from '../../domain/conflicts/prediction.ts'
import { DEFAULT_BATCH, MAX_BATCH } from '../../domain/merging/mergePolicy.ts'
import { NETWORK_POLICIES, RUNNER_CHOICES } from '../../domain/project.ts'
import { STRAY_POLICIES } from '../../domain/strays/stray.ts'
import { AUTOMATED_CHECKS } from '../../domain/talk/handoff.ts'
import { parsePortRange } from '../ports.ts'
import { BLOCKS } from './blocks.ts'
import { Gates } from './gates.ts'
import { Incidents, Playbooks } from './incidents.ts'
import { Agents } from './roles.ts'
import { Image, Name, Text, Texts, Timeout } from './scalars.ts'
import { Schedules } from './schedules.ts'
import { Sessions } from './sessions.ts'
import { Targets } from './targets.ts'
import { Epics } from './tasks.ts'

/** `amphitheatre.yaml`, version 1, as it is written. */

const count = z.int().min(1).max(1000)

export const LimitsInput = z.strictObject({
  max_concurrent_agents: count
    .optional()
    .meta({ description: 'Agents of the project at once; 4 unless set.' }),
  max_agents_per_file: count.optional().meta({ description: 'Writers on one file; 1 unless set.' }),
  max_runtime: Timeout.optional().meta({ description: 'Running time of an agent; 10 minutes unless set.' }),
  stuck_after: Timeout.optional().meta({ description: 'Without a sign of life; 5 minutes unless set.' }),
  escalate_p0_after: Timeout.optional().meta({
    description: 'Running time of a priority-0 task; 15 minutes unless set.',
  }),
  stop_grace: Timeout.optional().meta({
    description: 'Between the polite stop and the kill; 10 seconds unless set.',
  }),
})

const Handoffs = z.strictObject({
  acknowledge_within: Timeout.optional().meta({
    description:
      'A hand-off is confirmed within this time, or a person is told; the response_sla unless set.',
  }),
  check_timeout: Timeout.optional().meta({ description: 'Of one check; 5 minutes unless set.' }),
  checks: z
    .strictObject(
      Object.fromEntries(AUTOMATED_CHECKS.map((name) => [name, Text.optional()])) as Record<
        (typeof AUTOMATED_CHECKS)[number],
        z.ZodOptional<typeof Text>
      >,
    )
    .optional()
    .meta({ description: 'Commands run where the giver works before a hand-off goes over.' }),
})

const Ports = z.strictObject({
  range: z
    .string()
    .refine((text) => parsePortRange(text) !== undefined, {
      error: ({ input }) =>
        `${JSON.stringify(input)} is no range of ports: write for example "40000-40099", 1024 to 65535, 10,000 at most`,
    })
    .meta({ description: 'Ports that tasks with "uses: [port]" lease: 40000-40099.' }),
})

const MergeCheck = z.strictObject({
  run: Text.meta({ description: 'Shell command; exit code 0 passes.' }),
  image: Image.optional(),
  network: z.enum(NETWORK_POLICIES).optional(),
  timeout: Timeout.optional().meta({ description: 'Then it counts as failed; max_runtime unless set.' }),
})

const Merge = z.strictObject({
  check: z.union([Text, MergeCheck]).meta({
    description: 'Run on what the branch would be, before committed work is merged.',
  }),
  batch: z
    .int()
    .min(1)
    .max(MAX_BATCH)
    .optional()
    .meta({ description: `Most tasks merged on one check; ${DEFAULT_BATCH} unless set.` }),
})

const LocksInput = z.strictObject({
  on_undeclared_write: z.enum(STRAY_POLICIES).optional().meta({
    description:
      'What becomes of an agent that writes what it did not declare: held until you have ruled (unless set), stopped, or only reported.',
  }),
})

export const RunnerInput = z.enum(RUNNER_CHOICES)

const blocks = Object.fromEntries(
  Object.entries(BLOCKS).map(([name, schema]) => [name, (schema as z.ZodType).optional()]),
) as { [K in keyof typeof BLOCKS]: z.ZodOptional<(typeof BLOCKS)[K]> }

export const ProjectInput = z.strictObject({
  version: z.literal(1),
  name: Name.optional().meta({ description: 'The name of the folder unless set.' }),
  runner: RunnerInput.optional(),
  image: Image.optional(),
  limits: LimitsInput.optional(),
  extends: z
    .union([Text, Texts])
    .optional()
    .meta({ description: 'Presets: amphitheatre-devops, terraform-platform.' }),
  ports: Ports.optional(),
  agents: Agents.optional(),
  epics: Epics.optional(),
  targets: Targets.optional().meta({ description: 'Where releases go, by name.' }),
  gates: Gates.optional().meta({
    description: 'What has to hold before work is merged, the next phase begins or a deployment starts.',
  }),
  sessions: Sessions.optional().meta({ description: 'Agents that somebody starts by hand, in groups.' }),
  schedules: Schedules.optional().meta({ description: 'What is run by the clock, by name.' }),
  locks: LocksInput.optional(),
  handoffs: Handoffs.optional(),
  prediction: z
    .strictObject({
      action: z.enum(PREDICTION_ACTIONS).optional().meta({
        description:
          'What is done about a conflict that is foreseen: none (nothing is looked for), warn (unless set), hold the lesser claim until the other is merged, take-in (it is given the other changes).',
      }),
      reorder: z.boolean().optional().meta({
        description:
          'Ready work that probably clashes with work under way is put behind other work of its priority. True unless set.',
      }),
      reorder_from: z.number().gt(0).max(1).optional().meta({
        description:
          'Odds from which on it does, above 0 to 1, by the files that clashed before; 0.4 unless set.',
      }),
    })
    .optional()
    .meta({ description: 'Conflicts seen before they happen: work under way is merged in memory.' }),
  merge: Merge.optional().meta({
    description: 'Tests between merges; without it work is merged as it comes.',
  }),
  escalation: z
    .partialRecord(
      z.enum(CONFLICT_KINDS),
      z.strictObject({
        levels: z.tuple([Text, Text, Text]).optional().meta({ description: 'Authorities of levels 1 to 3.' }),
        within: Timeout.optional().meta({ description: 'Time at one level: 4h.' }),
      }),
    )
    .optional()
    .meta({ description: 'Who settles conflicts of a kind, and how fast.' }),
  incidents: Incidents.optional().meta({
    description: 'Which alerts are one incident, and how bad they are.',
  }),
  playbooks: Playbooks.optional().meta({ description: 'What is done about incidents; the first that fits.' }),
  people: z.record(Text, Text).optional().meta({ description: 'Who holds an authority: {CISO: Ada}.' }),
  ...blocks,
})

export type ProjectFile = z.output<typeof ProjectInput>
