import { Argument, Command, CommanderError, Option } from 'commander'
import {
  type Add,
  AGENT_HELP,
  type Common,
  projectOption,
  RUN_HELP,
  repeated,
  runOption,
  type Work,
  wholeNumber,
} from './adding.ts'
import { SHELLS, type Shell } from './completion.ts'
import type { Context } from './context.ts'
import { dataDirFor } from './dataDir.ts'
import { EXIT, type ExitCode } from './exitCodes.ts'
import { addGates } from './gateProgram.ts'
import { addByHand } from './handProgram.ts'
import { addHealth } from './healthProgram.ts'
import { ENGINES, type Engines } from './host.ts'
import { processOutput } from './output.ts'
import { addRollback } from './pointsProgram.ts'
import { addTalking } from './talkProgram.ts'
import { addTargets } from './targetsProgram.ts'

/**
 * The commands. What a command does is loaded when it is called; this file must stay cheap, `--help` and completion
 * wait for it.
 */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly engines?: Engines
}

export function buildProgram(around: Surroundings, version: string, done: (code: ExitCode) => void): Command {
  const program = new Command('amphi')
    .description(
      'Puts a team of agents to work on a repository, each in its own container and its own copy of the code.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => void around.stdout.write(text),
      writeErr: (text) => void around.stderr.write(text.replace(/^error: /, 'amphi: ')),
    })
    .showSuggestionAfterError()
    .exitOverride()
  program.addHelpText('after', '\nBegin with "amphi init" in a repository, then "amphi run first".')

  const adder =
    (parent: Command): Add =>
    <O extends object>(usage: string, about: string, example: string, work: Work<O>): Command => {
      const command = parent
        .command(usage)
        .description(about)
        .option('--json', 'print JSON, one object a line')
        .option('--data <dir>', 'the data folder (default: AMPHITHEATRE_DATA, else the XDG data folder)')
      command.addHelpText('after', `\nExample:\n  ${example}`)
      return command.action(async () => {
        const options = command.opts<O & Common>()
        done(await work(contextFor(around, options), options, command.args))
      })
    }
  const add = adder(program)
  addStarting(add)
  addLooking(add)
  addActing(add)
  addTalking(add)
  addGates(adder(program.command('gate').description('look at gates, and decide what waits for approval')))
  addHealth(add)
  const group = (name: string, about: string): Add => adder(program.command(name).description(about))
  addRollback(add, group)
  addTargets(group)
  addByHand(add, (name, about) => adder(program.command(name).description(about)))
  addMachine(add, program, around)
  return program
}

const project = projectOption
const runner = () =>
  new Option('--runner <runner>', 'where agents run').choices(['auto', 'docker', 'process'])
const ofRun = runOption

function addStarting(add: Add): void {
  add<{ project?: string }>(
    'init',
    'write a first amphitheatre.yaml',
    'amphi init',
    async (context, options) => (await import('./commands/files.ts')).init(context, options),
  ).addOption(project())
  add<object>(
    'validate <file...>',
    'check files; what a file is, its content tells',
    'amphi validate amphitheatre.yaml',
    async (context, _, args) => (await import('./commands/files.ts')).validate(context, args),
  )
  add<import('./commands/run.ts').RunOptions>(
    'run <epic>',
    'run an epic and follow it to its end',
    'amphi run ship --project ~/src/storefront',
    async (context, options, args) => (await import('./commands/run.ts')).run(context, args[0]!, options),
  )
    .addOption(project())
    .addOption(runner())
    .addOption(new Option('--max-agents <number>', 'agents at work at once, instead of the project’s limit'))
  add<import('./commands/spawn.ts').SpawnOptions>(
    'spawn <task>',
    'run one agent without an epic',
    'amphi spawn --role TestGuardian "npm test"',
    async (context, options, args) => (await import('./commands/spawn.ts')).spawn(context, args[0]!, options),
  )
    .requiredOption('--role <role>', 'the role that does it')
    .addOption(project())
    .addOption(runner())
    // Not variadic: that would take the task for a glob.
    .addOption(
      new Option(
        '--writes <glob>',
        'what it may change, may be repeated; without it nothing is committed',
      ).argParser(repeated),
    )
    .option('--timeout <duration>', 'running time after which it is terminated, such as "5 minutes"')
    .addOption(new Option('--network <policy>', 'what it may reach').choices(['none', 'run', 'internet']))
  add<object>(
    'resume',
    'take up unfinished runs and follow them to their end',
    'amphi resume',
    async (context) => (await import('./commands/resume.ts')).resume(context),
  )
}

function addLooking(add: Add): void {
  add<object>(
    'status [run]',
    'show what is going on, or one run',
    'amphi status ship#3',
    async (context, _, args) => (await import('./commands/look.ts')).status(context, args[0]),
  ).addHelpText(
    'after',
    `\n${RUN_HELP}\n\nJSON of a run: its summary, and while it is known to the engine "asks" (id, kind, text, choices, about, since) and\n"unread", the messages to people that nobody has seen to.`,
  )
  add<{ limit: number }>(
    'runs',
    'list runs, newest first',
    'amphi runs --limit 5',
    async (context, options) => (await import('./commands/look.ts')).runs(context, options),
  ).addOption(new Option('--limit <n>', 'how many').argParser(wholeNumber).default(20))
  add<{ all?: boolean; run?: string }>(
    'agents',
    'list agents at work',
    'amphi agents --all',
    async (context, options) =>
      (await import('./commands/tables.ts')).agents(context, { ...options, all: options.all === true }),
  )
    .option('--all', 'those that are over too')
    .addOption(ofRun())
  add<object>('tasks [run]', 'list the tasks of a run', 'amphi tasks latest', async (context, _, args) =>
    (await import('./commands/tables.ts')).tasks(context, args[0]),
  ).addHelpText('after', `\n${RUN_HELP}`)
  add<{ follow?: boolean; run?: string }>(
    'logs <agent>',
    'print what an agent said',
    'amphi logs compile-api --follow',
    async (context, options, args) =>
      (await import('./commands/logs.ts')).logs(context, args[0]!, {
        ...options,
        follow: options.follow === true,
      }),
  )
    .option('-f, --follow', 'go on as it comes')
    .addOption(ofRun())
    .addHelpText(
      'after',
      `\n${AGENT_HELP}\n\nIt comes byte for byte, colours and all. Pipe it through "cat -v" to read one you do not trust.`,
    )
  add<{ from: number; follow?: boolean; run?: string }>(
    'events',
    'print the event log',
    'amphi events --from 120 --json',
    async (context, options) =>
      (await import('./commands/events.ts')).events(context, { ...options, follow: options.follow === true }),
  )
    .addOption(
      new Option('--from <n>', 'only events after this sequence number').argParser(wholeNumber).default(0),
    )
    .option('-f, --follow', 'go on as they come')
    .addOption(ofRun())
  add<object>('diff [run]', 'show what a run changed', 'amphi diff latest', async (context, _, args) =>
    (await import('./commands/deliver.ts')).diff(context, args[0] ?? 'latest'),
  ).addHelpText('after', `\n${RUN_HELP}`)
}

function addActing(add: Add): void {
  add<{ run?: string }>(
    'attach <agent>',
    'connect this terminal to an agent; Ctrl-P Ctrl-Q detaches',
    'amphi attach unit#1',
    async (context, options, args) =>
      (await import('./commands/attach.ts')).attach(context, args[0]!, options),
  )
    .addOption(ofRun())
    .addHelpText('after', `\n${AGENT_HELP}`)
  add<{ force?: boolean }>(
    'stop <agent|run>',
    'stop an agent or a whole run',
    'amphi stop ship#3',
    async (context, options, args) =>
      (await import('./commands/control.ts')).stop(context, args[0]!, options.force === true),
  )
    .option('--force', 'kill at once instead of asking first')
    .addHelpText('after', `\n${RUN_HELP}\n${AGENT_HELP}`)
  add<{ readonly project?: string }>(
    'locks',
    'list who holds which locks in a project, and who waits for them',
    'amphi locks',
    async (context, options) => (await import('./commands/locks.ts')).locks(context, options),
  )
    .addOption(projectOption())
    .addHelpText(
      'after',
      '\nJSON, one object an agent: project, agent, state (holds, waits), locks, since (ms since 1970), token.',
    )
  add<import('./commands/locks.ts').ReleaseOptions>(
    'release-locks [agent]',
    'take an agent’s locks at once, and stop it',
    'amphi release-locks compile-api#1',
    async (context, options, args) =>
      (await import('./commands/locks.ts')).releaseLocks(context, args[0], options),
  )
    .option('--id <agent>', 'the same; also of one started by hand, such as agent-1')
    .addOption(projectOption())
    .addHelpText('after', `\n${AGENT_HELP}`)
  add<object>(
    'pause [agent|run]',
    'hold an agent or a whole run where it is',
    'amphi pause latest',
    async (context, _, args) => (await import('./commands/control.ts')).pause(context, args[0] ?? 'latest'),
  )
  add<object>(
    'continue [agent|run]',
    'let a paused agent or run go on',
    'amphi continue latest',
    async (context, _, args) =>
      (await import('./commands/control.ts')).continue_(context, args[0] ?? 'latest'),
  )
  const verbs = [
    ['retry', 'try a failed task again'],
    ['skip', 'go on without a task; what needs it counts it as done'],
    ['rerun', 'do a task again that is done'],
  ] as const
  for (const [verb, about] of verbs) {
    add<{ run?: string }>(
      `${verb} <task>`,
      about,
      `amphi ${verb} compile-api --run ship#3`,
      async (context, options, args) =>
        (await import('./commands/taskVerbs.ts')).taskVerb(context, verb, args[0]!, options),
    ).addOption(ofRun())
  }
  add<{ run?: string }>(
    'answer <id> <words>',
    'answer what a run or an agent asks, with a choice or in words',
    'amphi answer m12 "Yes, port 5432" --run ship#3',
    async (context, options, args) =>
      (await import('./commands/taskVerbs.ts')).answer(context, args[0]!, args[1]!, options),
  ).addOption(ofRun())
  add<object>(
    'apply [run]',
    'bring a run’s work into the repository',
    'amphi apply latest',
    async (context, _, args) => (await import('./commands/deliver.ts')).apply(context, args[0] ?? 'latest'),
  ).addHelpText('after', `\n${RUN_HELP}`)
  add<object>(
    'discard [run]',
    'drop a run’s work; the repository stays as it is',
    'amphi discard ship#3',
    async (context, _, args) => (await import('./commands/deliver.ts')).discard(context, args[0] ?? 'latest'),
  ).addHelpText('after', `\n${RUN_HELP}`)
}

function addMachine(add: Add, program: Command, around: Surroundings): void {
  add<import('./commands/serve.ts').ServeOptions>(
    'serve [path]',
    'open the control center in a browser of this machine',
    'amphi serve --open ~/src/storefront',
    async (context, options, args) => (await import('./commands/serve.ts')).serve(context, args[0], options),
  )
    .addOption(new Option('--port <number>', 'where it listens (default: 7410, or a free one)'))
    .addOption(new Option('--host <address>', 'an address of this machine for itself (default: 127.0.0.1)'))
    .option('--open', 'open it in a window')
    .addHelpText('after', '\nOn another machine, reach it by a tunnel: ssh -L 7410:127.0.0.1:7410 HOST')
  add<{ fix?: boolean }>(
    'doctor',
    'check what this machine needs, with a remedy for each',
    'amphi doctor --fix',
    async (context, options) =>
      (await import('./commands/doctor.ts')).doctor(context, { fix: options.fix === true }),
  ).option('--fix', 'mend what can be mended from here, the agents’ image included')
  const completion = add<object>(
    'completion',
    'print a completion script for a shell',
    'eval "$(amphi completion bash)"',
    async (_, __, args) => {
      const { completionScript } = await import('./completion.ts')
      around.stdout.write(completionScript(program, args[0] as Shell))
      return EXIT.done
    },
  )
  completion.addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
}

function contextFor(around: Surroundings, options: Common): Context {
  const { env, cwd, stdin } = around
  return {
    env,
    cwd,
    stdin,
    dataDir: dataDirFor(options.data, env),
    out: processOutput(around, env, options.json === true),
    engines: around.engines ?? ENGINES,
  }
}

/** A group alone lists what it is about: `amphi targets` is `amphi targets list`. */
function listIfAlone(program: Command, args: readonly string[]): readonly string[] {
  const [name, next] = args
  const group = program.commands.find((one) => one.name() === name)
  const isAlone = next === undefined || (next.startsWith('-') && next !== '-h' && next !== '--help')
  if (group === undefined || !isAlone || !group.commands.some((one) => one.name() === 'list')) return args
  return [name!, 'list', ...args.slice(1)]
}

/** Runs one command line to its end and answers its exit code. Throws what the command throws. */
export async function runProgram(
  args: readonly string[],
  around: Surroundings,
  version: string,
): Promise<number> {
  let code: number = EXIT.done
  const program = buildProgram(around, version, (result) => {
    code = result
  })
  try {
    await program.parseAsync(listIfAlone(program, args), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version were asked for; anything else is a mistake in the command line, told already.
    return error.exitCode === 0 ? EXIT.done : EXIT.badInput
  }
  return code
}
