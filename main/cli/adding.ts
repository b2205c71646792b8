import { type Command, Option } from 'commander'
import type { Context } from './context.ts'
import { CliError } from './errors.ts'
import type { ExitCode } from './exitCodes.ts'

/** What the files that name the commands share. They must stay cheap: `--help` and completion wait for them. */

export interface Common {
  readonly json?: boolean
  readonly data?: string
}

export type Work<O> = (context: Context, options: O & Common, args: readonly string[]) => Promise<ExitCode>

export type Add = <O extends object>(usage: string, about: string, example: string, work: Work<O>) => Command

export const RUN_HELP = 'RUN is "latest", an id, the beginning of one, or EPIC#NUMBER such as ship#3.'
export const AGENT_HELP =
  'AGENT is ROLE/TASK#ATTEMPT such as BuildMaster/compile-api#1, TASK#ATTEMPT, or TASK for its last attempt.'

export const projectOption = () => new Option('--project <dir>', 'the repository (default: this folder)')
export const runOption = () => new Option('--run <run>', 'only this run')

export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new CliError(`"${text}" is not a whole number.`)
}

/** Gathers an option that may be repeated. */
export function repeated(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
