import { Option } from 'commander'
import { type Add, projectOption, RUN_HELP, repeated } from './adding.ts'

/** The commands about what agents and people say and know. */

const MESSAGE_JSON = `
JSON, one object a message: number, seq (of its event), run, at (ms since 1970), from (TASK#ATTEMPT, person:NAME,
engine), party (the same in parts), to (as written), recipients (tasks), toPerson, type, kind, priority (0 is the most
urgent), subject, content, payload, artifacts, dependencies, answers (the message it answers), thread, tags,
beadsTaskId, ref, skills, options, correlation, due, delivered, handled, returned, open (who has not handled it), read
(by the person), overdue, answer (the first to it).`

const HANDOFF_JSON = `
JSON, one object a hand-off: id, run, state (initiated, returned, transferred, clarifying, acknowledged, completed,
withdrawn), overdue, from, to, attempt, document (title, completed, artifacts, knownIssues, dependencies,
successCriteria, notes), initiatedAt, since, checks, clarifications, reason.`

export function addTalking(add: Add): void {
  add<import('./commands/messages.ts').MessagesOptions>(
    'messages [run]',
    'print what agents and people say to each other',
    'amphi messages ship#3 --with compile-api --follow',
    async (context, options, args) =>
      (await import('./commands/messages.ts')).messages(context, args[0], options),
  )
    .option('-f, --follow', 'go on as they come')
    .option('--thread <thread>', 'only this thread')
    .option('--with <task>', 'only to or from this task; "person" for those to and from people')
    .option('--unread', 'only those to people that nobody has seen to')
    .option('--read', 'mark those to people that are printed as seen to')
    .addHelpText('after', `\n${RUN_HELP}\n${MESSAGE_JSON}`)
  add<import('./commands/messages.ts').SendOptions>(
    'send <run> <to> <text>',
    'say something to agents; a text of "-" is read from standard input',
    'amphi send latest compile-api "The port is 5432" --reply m12',
    async (context, options, args) =>
      (await import('./commands/messages.ts')).send(context, [args[0]!, args[1]!, args[2]!], options),
  )
    .addOption(
      new Option('--type <type>', 'default: update, with --reply: response').choices([
        'request',
        'response',
        'update',
        'alert',
      ]),
    )
    .addOption(
      new Option('--priority <priority>', 'p0 is the most urgent (default: p2)').choices([
        'p0',
        'p1',
        'p2',
        'p3',
      ]),
    )
    .option('--subject <text>', 'what it is about')
    .option('--reply <message>', 'the message it answers, such as m12; TO may be "sender" then')
    .option('--thread <thread>', 'the thread it belongs to')
    .addHelpText(
      'after',
      `\nTO is a task, a role, an agent, #channel, a topic such as agent.results, or "all".\n${RUN_HELP}\n\nJSON: {"ok":true,"run":…,"message":number}`,
    )
  add<import('./commands/handoffs.ts').HandoffsOptions>(
    'handoffs [run] [id]',
    'list hand-offs, or print one as Markdown',
    'amphi handoffs ship#3 h1',
    async (context, options, args) =>
      (await import('./commands/handoffs.ts')).handoffs(context, args, options),
  )
    .option('--transfer', 'let it go over though checks failed')
    .option('--withdraw', 'take it back for good')
    .addHelpText('after', `\n${RUN_HELP}\n${HANDOFF_JSON}`)
  addKnowledge(add)
  addIncidents(add)
}

function addIncidents(add: Add): void {
  add<import('./commands/incident.ts').IncidentOptions>(
    'incident [verb] [id] [text...]',
    'list incidents, open one, lead it, decide what is done about it',
    'amphi incident decide i27 rollback',
    async (context, options, args) =>
      (await import('./commands/incident.ts')).incident(context, args, options),
  )
    .addOption(projectOption())
    .option('--all', 'with list: closed and merged ones, too')
    .option('--severity <severity>', 'with open: P0, P1 (unless set) or P2')
    .option('--target <name>', 'with open: what it is about')
    .option('--text <text>', 'with open: what is known of it')
    .option('--point <point>', 'with decide rollback: where to, the last good point unless set')
    .option('--cause <text>', 'with review: the root cause')
    .option('--impact <text>', 'with review: who was hit, and how')
    .option('--prevention <text>', 'with review: what keeps it from coming again')
    .option('--done <followUp>', 'with review: a follow-up that is done, such as f1')
    .addHelpText('after', INCIDENT_HELP)
}

const INCIDENT_HELP = `
Verbs: list (unless set), show ID, open TITLE, ack ID, command ID, comment ID TEXT, merge ID INTO, decide ID CHOICE,
close ID [REASON], review ID, report ID (Markdown), hook (where Alertmanager and Grafana send alerts, and the token).
Exit code 3 of list: an incident is open.

JSON of list, one object each: project, id, severity, title, target, state, sources, alerts, findings, diagnosis, choices,
decision, remedy, verification, timeline, followUps and what else is known. Of show: the same as incident, with call (what
you have to do), respondBy (ms since 1970), checks, causes, choices.`

function addKnowledge(add: Add): void {
  add<import('./commands/context.ts').ContextOptions>(
    'context [file]',
    'list the files of a project’s context, or print one',
    'amphi context global/risk_register.yaml',
    async (context, options, args) =>
      (await import('./commands/context.ts')).context(context, args[0], options),
  )
    .addOption(projectOption())
    .option('--rebuild', 'make the files on the disk again from the log')
    .addHelpText('after', '\nJSON: project, path, bytes of each file; of one file project, path, text.')
  add<import('./commands/entities.ts').RiskOptions>(
    'risks [set] [id]',
    'list the risks of a project, or record one',
    'amphi risks set disk-full --title "The disk runs full" --level high',
    async (context, options, args) => (await import('./commands/entities.ts')).risks(context, args, options),
  )
    .addOption(projectOption())
    .option('--title <text>', 'what could happen; a new one needs it')
    .addOption(new Option('--level <level>', 'how grave').choices(['low', 'medium', 'high', 'critical']))
    .addOption(
      new Option('--status <status>', 'how it stands').choices(['open', 'mitigated', 'accepted', 'closed']),
    )
    .option('--impact <text>', 'what would follow')
    .option('--mitigation <text>', 'what is done about it')
    .option('--owner <name>', 'who sees to it')
    .addHelpText(
      'after',
      '\nJSON: project, id, title, level, status, impact, mitigation, owner, by, at (ms since 1970).',
    )
  add<import('./commands/entities.ts').ComponentOptions>(
    'components [set] [name]',
    'list the components of a project, or record one',
    'amphi components set terraform/vpc --status in_review --change "new subnets"',
    async (context, options, args) =>
      (await import('./commands/entities.ts')).components(context, args, options),
  )
    .addOption(projectOption())
    .addOption(
      new Option('--status <status>', 'how far it is').choices([
        'planned',
        'in_progress',
        'in_review',
        'done',
        'blocked',
      ]),
    )
    .option('--description <text>', 'what it is')
    .addOption(new Option('--owner <name>', 'who owns it, may be repeated').argParser(repeated))
    .option('--change <text>', 'a line for its change history')
    .addHelpText(
      'after',
      '\nJSON: project, name, status, description, owners, changes (at, by, text), by, at (ms since 1970).',
    )
}
