import { z } from 'zod'
import { parseBytes } from '../../domain/bytes.ts'
import { parseDuration } from '../../domain/duration.ts'
import { AGENT_MEASURES, MEASURES, type Measure } from '../../domain/health/policy.ts'
import { nearest } from '../nearest.ts'
import { Text, Timeout } from './scalars.ts'

/** `health_checks`, as the seed writes it, and what may be said besides. */

const OFF = /^(off|none|never)$/i
const RESTART = /^restart(?: after (.+?)(?: timeout)?)?$/i
const OTHER = /^retry (?:the )?task with (?:a )?different agent$/i
const FEWER = /^scale down concurrent agents$/i
const PAUSE = /^pause after (\d{1,3}) restarts in (.+)$/i

export interface Recoveries {
  readonly stuck_agent?: number
  readonly failed_agent?: boolean
  readonly resource_exhaustion?: boolean
  readonly flapping_agent?: { readonly times: number; readonly withinMs: number } | null
}

/** One rule in the seed's words; undefined for words that say something else. */
export function readRecovery(key: keyof Recoveries, text: string): Recoveries | undefined {
  const words = text.trim()
  switch (key) {
    case 'stuck_agent': {
      const match = RESTART.exec(words)
      if (match === null) return undefined
      if (match[1] === undefined) return {}
      const after = parseDuration(match[1])
      return after.ok && after.ms > 0 ? { stuck_agent: after.ms } : undefined
    }
    case 'failed_agent':
      return yesOrNo(OTHER, words, (yes) => ({ failed_agent: yes }))
    case 'resource_exhaustion':
      return yesOrNo(FEWER, words, (yes) => ({ resource_exhaustion: yes }))
    case 'flapping_agent': {
      if (OFF.test(words)) return { flapping_agent: null }
      const match = PAUSE.exec(words)
      const within = parseDuration(match?.[2] ?? '')
      const times = Number(match?.[1])
      if (!within.ok || within.ms === 0 || !(times >= 2)) return undefined
      return { flapping_agent: { times, withinMs: within.ms } }
    }
  }
}

function yesOrNo(yes: RegExp, words: string, made: (yes: boolean) => Recoveries): Recoveries | undefined {
  if (yes.test(words)) return made(true)
  return OFF.test(words) ? made(false) : undefined
}

const EXAMPLES: Readonly<Record<keyof Recoveries, string>> = {
  stuck_agent: 'restart after 5 min timeout',
  failed_agent: 'retry task with different agent',
  resource_exhaustion: 'scale down concurrent agents',
  flapping_agent: 'pause after 5 restarts in 10 min',
}

function rule(key: keyof Recoveries) {
  const or = key === 'stuck_agent' ? '' : ' or "off"'
  return Text.refine((text) => readRecovery(key, text) !== undefined, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is not understood: write for example "${EXAMPLES[key]}"${or}`,
  })
    .optional()
    .meta({ description: `"${EXAMPLES[key]}"${or}.` })
}

/** In the unit of its measure: shares from 0 to 1, ms, bytes. Undefined for what is none. */
export function readLimit(measure: Measure, value: number | string): number | undefined {
  if (measure === 'agent_response_latency') {
    const parsed = typeof value === 'string' ? parseDuration(value) : undefined
    return parsed?.ok ? parsed.ms : undefined
  }
  if (measure === 'host_disk_free') {
    const parsed = typeof value === 'string' ? parseBytes(value) : undefined
    return parsed?.ok ? parsed.bytes : undefined
  }
  if (typeof value !== 'number' || value < 0) return undefined
  return measure !== 'host_load' && measure !== 'target_restarts' && value > 1 ? undefined : value
}

const LIMIT_EXAMPLES: Readonly<Partial<Record<Measure, string>>> = {
  agent_response_latency: '"30s"',
  host_disk_free: '"2GiB"',
  host_load: '8',
  target_restarts: '2',
}

function limit(measure: Measure) {
  const one = z.union([z.number(), Text]).refine((value) => readLimit(measure, value) !== undefined, {
    error: ({ input }) =>
      `${JSON.stringify(input)} is no limit of ${measure}: write for example ${LIMIT_EXAMPLES[measure] ?? '0.9'}`,
  })
  return z.strictObject({ bad: one, well: one, rounds: z.int().min(1).max(100).optional() }).optional()
}

const Metric = Text.superRefine((text, context) => {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(\s+\([^()]+\))?$/.exec(text)
  if ((AGENT_MEASURES as readonly (string | undefined)[]).includes(match?.[1])) return
  const suggestion = match === null ? undefined : nearest(match[1]!, AGENT_MEASURES)
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(text)} is not a metric: they are ${AGENT_MEASURES.join(', ')}`,
    params: suggestion === undefined ? {} : { suggestion },
  })
})

export const HealthChecks = z.strictObject({
  interval: Timeout.optional().meta({ description: 'Between two looks; 30 seconds unless set.' }),
  window: Timeout.optional().meta({ description: 'What rates are of; the last 15 minutes unless set.' }),
  metrics: z.array(Metric).optional().meta({ description: 'Those with limits; all unless set.' }),
  thresholds: z
    .strictObject(
      Object.fromEntries(MEASURES.map((measure) => [measure, limit(measure)])) as Record<
        Measure,
        ReturnType<typeof limit>
      >,
    )
    .optional()
    .meta({ description: 'From where on a value is bad, and from where on well again.' }),
  auto_recovery: z
    .array(
      z.strictObject({
        stuck_agent: rule('stuck_agent'),
        failed_agent: rule('failed_agent'),
        resource_exhaustion: rule('resource_exhaustion'),
        flapping_agent: rule('flapping_agent'),
      }),
    )
    .optional()
    .meta({ description: 'What is done by itself.' }),
})
export type HealthInput = z.output<typeof HealthChecks>
