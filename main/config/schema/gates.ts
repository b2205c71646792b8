import { z } from 'zod'
import { SEVERITIES } from '../../domain/gates/gate.ts'
import { NETWORK_POLICIES } from '../../domain/project.ts'
import { Glob, Image, Name, Text, Timeout } from './scalars.ts'

/** Gates as they are written: a name, and what has to hold. */

const Reports = z
  .union([Glob, z.array(Glob).min(1)])
  .meta({ description: 'Reports, relative to the repository: one glob or several.' })
const title = Text.max(200)
  .optional()
  .meta({ description: 'What people read instead of the condition itself.' })
const NoDrop = z
  .union([z.boolean(), z.number().min(0)])
  .optional()
  .meta({
    description: 'Not below what it was when the gate last passed; a number: not by more than so much.',
  })
const percent = z.number().min(0).max(100).optional().meta({ description: 'At least so many percent.' })
const FailOn = z
  .enum(SEVERITIES)
  .optional()
  .meta({ description: 'Findings of this severity or worse fail it; high unless set.' })

const Junit = z.strictObject({
  junit: Reports,
  min_tests: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .meta({ description: 'Tests that must have run; 1 unless set.' }),
  no_drop: NoDrop,
  title,
})

const Coverage = z.strictObject({
  coverage: z
    .strictObject({
      lcov: Reports.optional(),
      cobertura: Reports.optional(),
      lines: percent,
      branches: percent,
      functions: percent,
      no_drop: NoDrop,
    })
    .refine(({ lcov, cobertura }) => (lcov === undefined) !== (cobertura === undefined), {
      error: '"coverage" has exactly one of lcov, cobertura',
    })
    .refine(
      ({ lines, branches, functions, no_drop }) =>
        [lines, branches, functions].some((floor) => floor !== undefined) ||
        (no_drop !== undefined && no_drop !== false),
      { error: '"coverage" asks for nothing: add lines, branches, functions or no_drop' },
    ),
  title,
})

const Sarif = z.strictObject({ sarif: Reports, fail_on: FailOn, title })
const Trivy = z.strictObject({ trivy: Reports, fail_on: FailOn, title })
const Files = z.strictObject({
  files: z.array(Glob).min(1).meta({ description: 'Globs; each must be met by a file.' }),
  title,
})
const Absent = z.strictObject({
  absent: z.array(Glob).min(1).meta({ description: 'Globs that no file may meet.' }),
  title,
})
const Contains = z.strictObject({
  contains: z
    .strictObject({
      file: Glob.meta({ description: 'A glob: every file that meets it, and at least one.' }),
      text: Text.optional(),
      pattern: Text.max(1_000)
        .superRefine((pattern, context) => {
          try {
            new RegExp(pattern, 'mu')
          } catch (error) {
            context.addIssue({ code: 'custom', message: (error as Error).message })
          }
        })
        .optional()
        .meta({ description: 'A regular expression, tried on every line.' }),
    })
    .refine(({ text, pattern }) => (text === undefined) !== (pattern === undefined), {
      error: '"contains" has exactly one of text, pattern',
    }),
  title,
})
const Run = z.strictObject({
  run: Text.meta({ description: 'Shell command on a clone of the code; exit code 0 passes.' }),
  image: Image.optional(),
  network: z.enum(NETWORK_POLICIES).optional().meta({ description: 'none unless set.' }),
  timeout: Timeout.optional().meta({ description: 'Then it counts as failed; max_runtime unless set.' }),
  title,
})
const Approval = z.strictObject({
  approval: z.strictObject({
    by: Text.optional().meta({
      description: 'An authority or a person of "people"; any person unless set.',
    }),
    quorum: z.int().min(1).max(100).optional().meta({ description: 'So many yes; 1 unless set.' }),
    text: Text.max(1_000).optional().meta({ description: 'What is approved.' }),
  }),
})

const ConditionInput = z.union([Junit, Coverage, Sarif, Trivy, Files, Absent, Contains, Run, Approval])

const GateInput = z.strictObject({
  title: Text.max(200).optional(),
  fail_on: FailOn,
  may_skip: Text.optional().meta({
    description:
      'The authority, person or "any" that may let it pass unmet, with a reason; nobody unless set.',
  }),
  conditions: z.array(ConditionInput).min(1).max(100),
})

export const Gates = z.record(Name, GateInput)
export const GateNames = z.array(Text).max(50)

export type ConditionInputs = z.output<typeof ConditionInput>
export type GateInputs = z.output<typeof GateInput>
