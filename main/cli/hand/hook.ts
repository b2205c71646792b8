import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type CommitFault, commitFaults } from '../../domain/registered/committing.ts'
import { ruleOf, underRule } from '../../domain/rules/rule.ts'
import type { State } from '../../domain/state.ts'
import { withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { holderName } from '../holderName.ts'
import { plain } from '../view/text.ts'
import { knownProject, type OfProject } from './here.ts'
import { stagedPaths, type UserGit, userGit } from './userGit.ts'

/**
 * `amphi hook install|uninstall|check`: a pre-commit hook in the user's repository, on request. It reads the state
 * whether or not an engine runs, so locks hold for commits, too, while nobody hosts one; where the state cannot be read
 * it warns and lets the commit pass.
 */

const MARK = '# Made by "amphi hook install"; "amphi hook uninstall" takes it away.'
/** The program's own way in, beside its sources. */
const AMPHI = join(import.meta.dirname, '../../../amphi')

function hookText(program: string, dataDir: string): string {
  return `#!/bin/sh
${MARK}
# Refuses commits of files that another agent holds, or that the agent in AMPHI_AGENT does not.
amphi=${quoted(program)}
if [ ! -x "$amphi" ]; then
  echo "amphi: $amphi is gone, so locks are not checked; remove this hook: $0" >&2
  exit 0
fi
exec "$amphi" hook check --data ${quoted(dataDir)}
`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

export async function install(context: Context, options: OfProject): Promise<ExitCode> {
  const file = hookFile(context, options)
  const text = hookText(AMPHI, context.dataDir)
  if (existsSync(file) && !readFileSync(file, 'utf8').includes(MARK)) {
    const line = `${quoted(AMPHI)} hook check --data ${quoted(context.dataDir)} || exit 1`
    throw new CliError(`There is a pre-commit hook already: ${file}.`, `Add this line to it: ${line}`)
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, 0o755)
  return told(context, `${file} installed: commits are checked against the locks`)
}

export async function uninstall(context: Context, options: OfProject): Promise<ExitCode> {
  const file = hookFile(context, options)
  if (!existsSync(file)) return told(context, 'There is no pre-commit hook.')
  if (!readFileSync(file, 'utf8').includes(MARK))
    throw new CliError(`${file} is not of amphi.`, 'Take the line with "hook check" out of it yourself.')
  rmSync(file)
  return told(context, `${file} removed`)
}

async function told({ out }: Context, text: string): Promise<ExitCode> {
  if (out.json) await out.object({ ok: true, text })
  else await out.line(text)
  return EXIT.done
}

function hookFile(context: Context, options: OfProject): string {
  const repository = theRepository(context, options)
  return resolve(repository.top, repository.run(['rev-parse', '--git-path', 'hooks/pre-commit']).trim())
}

function theRepository(context: Context, { project }: OfProject): UserGit {
  const folder = resolve(context.cwd, project ?? '.')
  const repository = userGit(folder, context.env)
  if (repository !== undefined) return repository
  throw new CliError(`${folder} is not in a git repository.`)
}

/** What git asks before a commit: exit code 1 refuses it. */
export async function check(context: Context, options: OfProject): Promise<ExitCode> {
  // Git tells a hook which index and folder it is about; nothing else may.
  const repository = theRepository(context, options)
  const paths = stagedPaths(repository)
  const read = await stateOf(context)
  if (read === undefined) return EXIT.done
  const project = knownProject({ ...context, cwd: repository.top }, read, options.project)
  if (project === undefined) return EXIT.done
  const agent = context.env['AMPHI_AGENT'] ?? ''
  const faults = commitFaults(project, agent === '' ? null : agent, paths, Date.now())
  for (const fault of faults) {
    if (context.out.json) await context.out.object(fault)
    else for (const line of words(read, fault)) context.out.note(line)
  }
  return faults.length === 0 ? EXIT.done : EXIT.failed
}

async function stateOf(context: Context): Promise<State | undefined> {
  try {
    return await withReader(context, (center) => currentState(center))
  } catch (error) {
    context.out.note(`amphi: locks could not be read, so they are not checked: ${(error as Error).message}`)
    return undefined
  }
}

function words(state: State, fault: CommitFault): readonly string[] {
  switch (fault.type) {
    case 'locked': {
      const holder = holderName(state, fault.holder)
      return [
        `amphi: ${underRule(`not committed: ${holder} holds ${some(fault.paths)}`, ruleOf({}, 'one-writer'))}.`,
        `  Wait until it is done (amphi status), end it (amphi agent stop --id ${holder}), or leave these out (git restore --staged).`,
      ]
    }
    case 'undeclared':
      return [
        `amphi: not committed: ${fault.agent} does not hold ${some(fault.paths)}.`,
        '  Leave these out (git restore --staged), or register an agent that declares them (amphi agent register --files).',
      ]
    case 'not-at-work':
      return [
        `amphi: not committed: AMPHI_AGENT is ${plain(fault.agent)}, and ${plain(fault.why)}.`,
        '  Register again (amphi agent register), or unset AMPHI_AGENT to commit as yourself.',
      ]
  }
}

function some(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).map(plain).join(', ')
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown
}
