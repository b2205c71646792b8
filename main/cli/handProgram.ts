import { Option } from 'commander'
import { type Add, projectOption, repeated, wholeNumber } from './adding.ts'

/** The commands about agents that somebody starts by hand, and about who is in whose way. */

const BY_HAND = 'docs/by-hand.md tells the whole.'
const idOption = () => new Option('--id <agent>', 'which agent (default: AMPHI_AGENT)')
/** Typed without --id, too. */
const of = <O extends { readonly id?: string }>(options: O, [id]: readonly string[]): O =>
  id === undefined ? options : { ...options, id }
const messageOption = () => new Option('-m, --message <text>', 'what it did, for the commit')

/** Makes a group such as `amphi agent …` and gives the way to add to it. */
export type Group = (name: string, about: string) => Add

export function addByHand(add: Add, group: Group): void {
  addAgent(group('agent', 'register, look at and stop agents, those started by hand too'))
  addSessions(group('session', 'start and complete the agents of one session of the project file'))
  addConflicts(add)
  addOrchestrator(group('orchestrator', 'write and read orchestrator.json'))
  addRepository(group('hook', 'check commits against the locks'), group('scripts', 'the agent-*.sh scripts'))
}

function addAgent(add: Add): void {
  addRegister(add)
  addLooks(add)
  addVerbs(add)
}

function addRegister(add: Add): void {
  add<import('./hand/register.ts').RegisterOptions>(
    'register',
    'declare an agent that you start by hand; waits until it has its files and prints its id',
    'amphi agent register --name "Backend API Agent" --files "api/**" --priority 1',
    async (context, options) => (await import('./hand/register.ts')).register(context, options),
  )
    .requiredOption('--name <name>', 'what it is called')
    .option(
      '--files <globs...>',
      'what it changes, from the root of the repository; nobody else does meanwhile',
    )
    .option('--reads <globs...>', 'what nobody may change meanwhile')
    .option('--uses <resources...>', 'what git cannot see, such as database_schema')
    .addOption(new Option('--priority <number>', '1 first, 5 last (default: 3)'))
    .addOption(
      new Option('--after <agent>', 'begin when this one has completed; may be repeated').argParser(repeated),
    )
    .option('--dependencies <file>', 'the same as JSON: {"dependencies": [...], "wait_for_completion": true}')
    .option('--folder <dir>', 'where it works (default: the checkout around this folder)')
    .option('--pid <number>', 'its process: it lives as long as that, and is ended with it')
    .option('--log <file>', 'where its output goes, for amphi agent logs')
    .option('--timeout <duration>', 'running time after which it is terminated')
    .option('--no-wait', 'come back at once, whatever its state')
    .option('--no-start', 'only declare it; amphi agent start lets it begin')
    .addOption(projectOption())
    .addHelpText('after', `\nExit code 1: it was terminated before it began.\n${BY_HAND}`)
}

function addLooks(add: Add): void {
  add<import('./hand/list.ts').ListOptions>(
    'list',
    'list agents at work',
    'amphi agent list --all',
    async (context, options) => (await import('./hand/list.ts')).list(context, options),
  )
    .option('--all', 'those that are over, too')
    .addOption(projectOption())
  add<import('./hand/list.ts').StatusOptions>(
    'status [agent]',
    'show all agents with open conflicts, or one agent',
    'amphi agent status --id agent-1',
    async (context, options, args) => (await import('./hand/list.ts')).status(context, of(options, args)),
  )
    .addOption(new Option('--id <agent>', 'only this one'))
    .addOption(projectOption())
  add<import('./hand/timeline.ts').TimelineOptions>(
    'timeline [agent]',
    'show what happened to agents, in order',
    'amphi agent timeline --id agent-1',
    async (context, options, args) =>
      (await import('./hand/timeline.ts')).timeline(context, of(options, args)),
  )
    .addOption(new Option('--id <agent>', 'only of this one'))
    .addOption(new Option('--limit <n>', 'the newest so many').argParser(wholeNumber).default(100))
    .addOption(projectOption())
  add<import('./hand/logs.ts').LogsOptions>(
    'logs [agent]',
    'print what an agent said',
    'amphi agent logs --id agent-1 --follow',
    async (context, options, args) => (await import('./hand/logs.ts')).logs(context, of(options, args)),
  )
    .addOption(idOption())
    .option('-f, --follow', 'go on as it comes')
    .addOption(projectOption())
}

function addVerbs(add: Add): void {
  const verbs = () => import('./hand/agentVerbs.ts')
  add<import('./hand/agentVerbs.ts').OfAgent>(
    'start [agent]',
    'let a declared agent begin as soon as it can',
    'amphi agent start --id agent-1',
    async (context, options, args) => (await verbs()).start(context, of(options, args)),
  )
    .addOption(idOption())
    .addOption(projectOption())
  add<import('./hand/agentVerbs.ts').AliveOptions>(
    'alive [agent]',
    'give a sign of life; after 10 minutes without one others get its files',
    'amphi agent alive --id agent-1',
    async (context, options, args) => (await verbs()).alive(context, of(options, args)),
  )
    .alias('heartbeat')
    .addOption(idOption())
    .option('--pid <number>', 'its process from now on')
    .addOption(projectOption())
    .addHelpText('after', '\nExit code 3: it was asked to stop.')
  add<import('./hand/agentVerbs.ts').OfAgent>(
    'check [agent]',
    'look whether it changed what it does not hold',
    'amphi agent check --id agent-1',
    async (context, options, args) =>
      (await import('./hand/checkpoint.ts')).check(context, of(options, args)),
  )
    .addOption(idOption())
    .addOption(projectOption())
    .addHelpText('after', '\nExit code 3: it is in a conflict.')
  add<import('./hand/agentVerbs.ts').CompleteOptions>(
    'complete [agent]',
    'say that it is done: others get its files',
    'amphi agent complete --id agent-1 -m "Add endpoints for hops"',
    async (context, options, args) => (await verbs()).complete(context, of(options, args)),
  )
    .addOption(idOption())
    .option('--commit', 'commit what it changed of its files first, as feat(agent-1): …')
    .addOption(messageOption())
    .addOption(projectOption())
  add<import('./hand/agentVerbs.ts').StopOptions>(
    'stop [agent]',
    'stop an agent',
    'amphi agent stop --id agent-1 --force',
    async (context, options, args) => (await verbs()).stop(context, of(options, args)),
  )
    .addOption(idOption())
    .option('--graceful', 'ask, and wait until it has completed (default)')
    .addOption(new Option('--force', 'terminate at once').conflicts('graceful'))
    .addOption(projectOption())
}

function addSessions(add: Add): void {
  const phase = () => new Option('--phase <name>', 'the session').makeOptionMandatory()
  add<import('./hand/sessions.ts').SessionOptions>(
    'start',
    'register the agents of a session and let them begin',
    'amphi session start --phase phase-1-backend',
    async (context, options) => (await import('./hand/sessions.ts')).start(context, options),
  )
    .addOption(phase())
    .addOption(projectOption())
  add<import('./hand/sessions.ts').SessionOptions>(
    'complete',
    'say that all agents of a session are done',
    'amphi session complete --phase phase-1-backend',
    async (context, options) => (await import('./hand/sessions.ts')).complete(context, options),
  )
    .addOption(phase())
    .addOption(projectOption())
    .addHelpText('after', '\nExit code 3: some of them are in a conflict, and none was completed.')
}

function addConflicts(add: Add): void {
  add<import('./hand/conflicts.ts').ConflictsOptions>(
    'conflicts',
    'show who is in whose way',
    'amphi conflicts --watch',
    async (context, options) => (await import('./hand/conflicts.ts')).conflicts(context, options),
  )
    .option('-w, --watch', 'go on as they come')
    .addOption(projectOption())
    .addHelpText('after', '\nExit code 3: some are open.')
  add<import('./hand/conflicts.ts').ResolveOptions>(
    'resolve [conflict]',
    'settle a conflict',
    'amphi resolve --keep agent-1 --terminate agent-5',
    async (context, options, args) =>
      (await import('./hand/conflicts.ts')).resolve(context, args[0], options),
  )
    .option('--keep <agent>', 'who goes on')
    .option('--terminate <agents...>', 'who does not')
    .option('--action <action>', 'wait, terminate, merge, split, allow, discard or dismiss')
    .addOption(projectOption())
  add<import('./hand/deps.ts').DepsOptions>(
    'deps',
    'show who comes after whom',
    'amphi deps',
    async (context, options) => (await import('./hand/deps.ts')).deps(context, options),
  ).addOption(projectOption())
  add<import('./hand/agentVerbs.ts').OfAgent & { readonly message?: string }>(
    'checkpoint [agent]',
    'keep what an agent has changed of its files so far',
    'amphi checkpoint --id agent-1',
    async (context, options, args) =>
      (await import('./hand/checkpoint.ts')).checkpoint(context, of(options, args)),
  )
    .addOption(idOption())
    .addOption(messageOption())
    .addOption(projectOption())
  add<import('./hand/reset.ts').ResetOptions>(
    'reset',
    'end all agents started by hand, with what they hold and wait for',
    'amphi reset --yes',
    async (context, options) => (await import('./hand/reset.ts')).reset(context, options),
  )
    .option('-y, --yes', 'without asking')
    .option('--all', 'stop the runs of the project, too')
    .addOption(projectOption())
}

function addOrchestrator(add: Add): void {
  add<import('./hand/here.ts').OfProject>(
    'export [file]',
    'write agents, locks, conflicts and dependencies; "-" is standard output',
    'amphi orchestrator export orchestrator.json',
    async (context, options, args) =>
      (await import('./hand/orchestrator.ts')).exportFile(context, args[0], options),
  )
    .addOption(projectOption())
    .addHelpText('after', `\n${BY_HAND}`)
  add<import('./hand/orchestrator.ts').ImportOptions>(
    'import [file]',
    'register the agents of the file that are not there by name',
    'amphi orchestrator import orchestrator.json',
    async (context, options, args) =>
      (await import('./hand/orchestrator.ts')).importFile(context, args[0], options),
  )
    .option('--start', 'let them begin as soon as they can')
    .addOption(projectOption())
}

function addRepository(hook: Add, scripts: Add): void {
  const verbs = [
    ['install', 'put a pre-commit hook into the repository that refuses commits of what others hold'],
    ['uninstall', 'take that hook away'],
    ['check', 'what the hook does: exit code 1 where the next commit must not be'],
  ] as const
  for (const [verb, about] of verbs)
    hook<import('./hand/here.ts').OfProject>(verb, about, `amphi hook ${verb}`, async (context, options) =>
      (await import('./hand/hook.ts'))[verb](context, options),
    ).addOption(projectOption())
  scripts<{ readonly force?: boolean }>(
    'install [folder]',
    'write agent-register.sh and the others into a folder (default: scripts)',
    'amphi scripts install',
    async (context, options, args) => (await import('./hand/scripts.ts')).install(context, args[0], options),
  ).option('--force', 'over others of these names')
}
