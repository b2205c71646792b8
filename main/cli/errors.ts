import { EXIT } from './exitCodes.ts'

/** Ends a command with a message for the person who typed it. Anything else that is thrown is a surprise. */
export class CliError extends Error {
  readonly exitCode: number
  /** What to do about it; printed on a line of its own. */
  readonly remedy: string | undefined
  constructor(message: string, remedy?: string, exitCode: number = EXIT.badInput) {
    super(message)
    this.name = 'CliError'
    this.exitCode = exitCode
    this.remedy = remedy
  }
}

/** The lines for standard error: what happened and the remedy, and a stack trace only where it was asked for. */
export function explainError(error: unknown, env: NodeJS.ProcessEnv): readonly string[] {
  const { message, remedy, stack } = coerce(error)
  const lines = [`amphi: ${message}`]
  if (remedy !== undefined) lines.push(`  ${remedy}`)
  if (env.AMPHITHEATRE_DEBUG === '1' && stack !== undefined) lines.push(stack)
  else if (remedy === undefined && !(error instanceof CliError))
    lines.push('  Set AMPHITHEATRE_DEBUG=1 to see where.')
  return lines
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode
  // Nothing was wrong with the command; somebody has to start the engine again.
  if (error instanceof Error && error.name === 'EngineGoneError') return EXIT.needsPerson
  return EXIT.badInput
}

function coerce(error: unknown): { message: string; remedy?: string; stack?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const remedy = (error as { remedy?: unknown }).remedy
  return {
    message: error.message === '' ? error.name : error.message,
    ...(typeof remedy === 'string' && remedy !== '' ? { remedy } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  }
}
