import { attemptId } from '../ids.ts'
import type { Run } from '../state.ts'
import type { Finding } from './incident.ts'

const LONGEST = { finding: 2_000, cause: 64, evidence: 8_000 } as const
/** Of a cause that comes without. */
const DEFAULT_CONFIDENCE = 0.5
/** Words that say there is nothing: no fault was found. */
const NONE = new Set(['', 'none', 'no', 'no_fault', 'ok', 'healthy', 'null', '-'])

/**
 * Of a check that is over. It tells as outputs of its task: `finding` (one or two sentences), `cause` (a word of the
 * diagnosis table), `confidence` (`0.94`, `94 %`), `evidence`. They may come from anything an agent ran, and are only read.
 */
export function findingOf(run: Run, task: number, at: number): Finding {
  const spec = run.plan.tasks[task]!
  const record = run.tasks.get(task)!
  const last = record.past.at(-1)
  const ok = record.state === 'COMPLETED'
  const outputs = record.outputs
  const text = (name: keyof typeof LONGEST): string | null =>
    Object.hasOwn(outputs, name) ? outputs[name]!.trim().slice(0, LONGEST[name]) : null
  const named = wordOf(text('cause') ?? '')
  const cause = !ok || NONE.has(named) ? null : named
  const found = text('finding') ?? ''
  const isWord = /^[a-z][a-z_-]*$/.test(found)
  const evidence = ok ? text('evidence') : null
  const startedAt = last?.startedAt ?? null
  return {
    check: spec.id,
    title: spec.title,
    role: last?.role ?? spec.role ?? '',
    by: attemptId(run.id, spec.id, last?.n ?? 1),
    at,
    tookMs: startedAt === null || last === undefined ? null : Math.max(0, last.endedAt - startedAt),
    ok,
    text: ok ? sentence(isWord && evidence ? evidence : found) : (record.cause ?? 'it failed'),
    cause,
    confidence: cause === null && !isWord ? null : confidenceOf(outputs.confidence),
    word: ok && isWord ? wordOf(found) : null,
    evidence,
  }
}

function wordOf(text: string): string {
  return text.toLowerCase().replaceAll(/[\s-]+/g, '_')
}

function sentence(text: string): string {
  return text === '' ? 'it told no finding' : text
}

/** `0.94`, `94`, `94 %`: a share from 0 to 1. */
function confidenceOf(text: string | undefined): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text ?? '')
  if (match === null) return DEFAULT_CONFIDENCE
  const value = Number(match[1])
  const share = match[2] === '%' || value > 1 ? value / 100 : value
  return Math.min(1, Math.max(0, share))
}
