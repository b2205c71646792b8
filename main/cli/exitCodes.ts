import type { RunSummary } from '../domain/metrics.ts'

/** What a shell script can rely on. */
export const EXIT = { done: 0, failed: 1, badInput: 2, needsPerson: 3, interrupted: 130 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** How a run ended, or why it does not go on, as an exit code. */
export function exitCodeFor(summary: Pick<RunSummary, 'status'>): ExitCode {
  switch (summary.status) {
    case 'completed':
      return EXIT.done
    case 'failed':
      return EXIT.failed
    case 'stopped':
      return EXIT.interrupted
    default:
      return EXIT.needsPerson
  }
}

/** Of several runs: an open question first, then a failure, then a stop. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  const order = [EXIT.badInput, EXIT.needsPerson, EXIT.failed, EXIT.interrupted]
  return order.find((code) => codes.includes(code)) ?? EXIT.done
}
