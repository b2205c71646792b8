/**
 * How the door's verbs are told to a language model. Only words and hints: what there is, and what it takes, comes from
 * the verbs themselves (`tools.ts`), and a verb without an entry here is offered under its own name.
 */
export interface Wording {
  readonly name: string
  readonly title: string
  readonly description: string
  /** Of its arguments, before those that all tools share (`SHARED_ARGS`). */
  readonly args?: Readonly<Record<string, string>>
  /** Set where it is not what `changes` says. */
  readonly readOnly?: boolean
  /** Said twice with the same arguments it does no more than once. */
  readonly idempotent?: boolean
}

const HANDOFF = 'Name of the hand-off, like "h3".'

const LOCKS =
  'Globs of files like "src/api/**", or resources like "port:5432"; "file:Makefile" and "resource:cache" where that is not plain.'

export const WORDING: Readonly<Record<string, Wording>> = {
  hello: {
    name: 'hello',
    title: 'Who am I',
    description:
      'Call this first. Registers you with the engine and tells your name, role, task, who else works in this run, how many messages wait for you, and your limits.',
    readOnly: false,
    idempotent: true,
  },
  progress: {
    name: 'progress',
    title: 'Report progress',
    description:
      'Tell how far your task is. People and other agents see it at once. Call it when you begin and at each milestone.',
    args: {
      percent: 'How much is done, 0 to 100; leave it out when you cannot tell.',
      text: 'What you are doing now, one line.',
    },
    idempotent: true,
  },
  output: {
    name: 'set_output',
    title: 'Set an output',
    description: 'Set a named result of your task. Tasks that depend on yours are given it.',
    args: { name: 'Name of the output, as the plan calls it.', value: 'Its value.' },
    idempotent: true,
  },
  checkpoint: {
    name: 'checkpoint',
    title: 'Keep a checkpoint',
    description:
      'Keep what is in your workspace now as a commit, so that nothing is lost if you are interrupted. Use it after each finished step.',
    args: { note: 'What is done at this point, one line.' },
  },
  checklist: {
    name: 'checklist',
    title: 'Start-up checklist',
    description: 'List the steps of the start-up checklist and their status, or record one as done.',
    args: { step: 'Id of a step that is done now; leave it out to only look.' },
    readOnly: false,
    idempotent: true,
  },
  risk: {
    name: 'record_risk',
    title: 'Record a risk',
    description:
      'Record a risk of the project, or change one with the same id. What you leave out stays as it was.',
    args: {
      id: 'Lower-case letters, digits and dashes, like "vpc-quota".',
      title: 'Needed for a new risk.',
      owner: 'Who looks after it.',
    },
    idempotent: true,
  },
  component: {
    name: 'record_component',
    title: 'Record a component',
    description:
      'Record the state of a component of the system: status, owners, and a line of its change history.',
    args: {
      name: 'A path-like name, like "api" or "terraform/vpc".',
      change: 'One line for its change history.',
    },
  },
  send: {
    name: 'send_message',
    title: 'Send a message',
    description:
      'Send a message to other agents or to a person. REQUEST expects an answer, UPDATE informs, ALERT warns. To answer a message use "answer"; to wait for a reply use "ask".',
    args: {
      type: 'REQUEST, UPDATE or ALERT; RESPONSE needs correlation.',
      content: 'The message, Markdown.',
      correlation: 'For RESPONSE: the number of the message it answers.',
      dependencies: 'Artifacts of other agents that this depends on.',
      skills: 'With to = "help": what the helper has to be able to do.',
      options: 'For a question: answers to choose from.',
      beadsTaskId: 'Id of the task in an outside tracker.',
    },
  },
  inbox: {
    name: 'inbox',
    title: 'Read the inbox',
    description:
      'Read the messages you have not handled yet, oldest first. With "wait" it waits for one. Messages stay until you call mark_handled or answer them. Look here at the start, between steps and before you end.',
    args: {
      limit: 'At most so many, 20 by default.',
      after: 'Only messages with a greater number.',
    },
    readOnly: true,
  },
  handled: {
    name: 'mark_handled',
    title: 'Mark messages as handled',
    description: 'Say that you have dealt with messages. They leave your inbox and are not given again.',
    args: { messages: 'Number of a message, or several.' },
    idempotent: true,
  },
  ask: {
    name: 'ask',
    title: 'Ask another agent',
    description:
      'Ask somebody a question and wait for the answer. When none comes in time you get its message number: go on with other work, the answer will come to your inbox.',
    args: { text: 'The question, with everything needed to answer it.' },
  },
  'need-human': {
    name: 'ask_person',
    title: 'Ask a person',
    description:
      'Ask the person in charge, when you are blocked or a decision is not yours to make. Give options where you can.',
    args: {
      question: 'The question, with everything needed to decide.',
      options: 'Answers to choose from; leave it out for words of their own.',
    },
  },
  answer: {
    name: 'answer',
    title: 'Answer a message',
    description: 'Answer a message. That marks it as handled, too.',
    args: { message: 'Number of the message you answer.', text: 'The answer, Markdown.' },
  },
  join: {
    name: 'join',
    title: 'Join a channel',
    description: 'Join a channel ("#name") or topic ("name.name"): what is said there comes to your inbox.',
    idempotent: true,
  },
  leave: {
    name: 'leave',
    title: 'Leave a channel',
    description: 'Leave a channel or topic.',
    idempotent: true,
  },
  handoff: {
    name: 'hand_off',
    title: 'Hand work over',
    description:
      'Hand finished work over to another agent, as a document or as Markdown (resource amphitheatre://handoff-template). It is checked first; if it comes back "returned", mend it and hand it over again with its name.',
    args: {
      document: 'The hand-off document; or give "markdown".',
      markdown: 'The filled-in template, instead of "document".',
      handoff: 'Name of a returned hand-off to try again, like "h3".',
    },
  },
  handoffs: {
    name: 'list_hand_offs',
    title: 'List hand-offs',
    description: 'List the hand-offs you give or receive, with documents, checks and questions.',
    args: { handoff: 'Only this one, like "h3".' },
  },
  accept: {
    name: 'accept_hand_off',
    title: 'Accept a hand-off',
    description: 'Take a hand-off over: from now on it is your work.',
    args: { handoff: HANDOFF },
  },
  decline: {
    name: 'decline_hand_off',
    title: 'Decline a hand-off',
    description: 'Give a hand-off back and say why.',
    args: { handoff: HANDOFF, reason: 'What is missing or wrong.' },
  },
  clarify: {
    name: 'clarify_hand_off',
    title: 'Ask about a hand-off',
    description: 'Ask the giver of a hand-off something before you accept it.',
    args: { handoff: HANDOFF },
  },
  clarified: {
    name: 'answer_clarification',
    title: 'Answer about a hand-off',
    description: 'Answer what the receiver of your hand-off asked.',
    args: { handoff: HANDOFF },
  },
  ballot: {
    name: 'open_ballot',
    title: 'Open a ballot',
    description: 'Put a question with options to other agents; the votes decide.',
    args: {
      options: 'What can be voted for.',
      needed: 'Votes for one option that decide at once; by default more than half of the voters.',
      open: 'Seconds it stays open.',
    },
  },
  ballots: {
    name: 'list_ballots',
    title: 'List ballots',
    description: 'List the ballots of the run with their votes and results, or give one of them.',
    args: { ballot: 'Only this one, like "v2"; with "wait" until it is closed.' },
  },
  vote: {
    name: 'vote',
    title: 'Vote',
    description: 'Vote in a ballot. A vote cannot be changed.',
    args: { ballot: 'Name of the ballot, like "v2".', option: 'One of its options, word for word.' },
  },
  artifact: {
    name: 'publish_artifact',
    title: 'Publish a file',
    description:
      'Publish a file of your workspace to the other agents of the run. It is kept by the hash of its content.',
    args: { path: 'Path of the file in your workspace.', type: 'Guessed from the name when left out.' },
  },
  artifacts: {
    name: 'list_artifacts',
    title: 'List published files',
    description: 'List the files that agents of the run have published, with their hashes.',
  },
  'artifact-get': {
    name: 'get_artifact',
    title: 'Get a published file',
    description: 'Get the content of a published file, by hash or by path (the newest of that path).',
    args: { hash: 'SHA-256 of the content, 64 hex digits.', path: 'The path it was published under.' },
  },
  context: {
    name: 'read_context',
    title: 'Read the project context',
    description:
      'List the files of the project context (state, dependencies, risks, other agents, components), or read one of them. The same files are resources (context://…).',
    args: { path: 'File to read, like "global/project_state.yaml"; leave it out for the list.' },
  },
  lock: {
    name: 'acquire_locks',
    title: 'Acquire locks',
    description:
      'Take locks before you change files or use resources that your task does not declare, so that no other agent does at the same time. What you lock exclusively is committed with your work. All of the list is taken at once or none of it. It fails when others hold some of it, and says who; with "wait" it waits. A wait that could never end is refused with the reason.',
    args: {
      locks: LOCKS,
      shared: 'True to only read, together with others that only read.',
      stay: 'True to keep your place in line when the time is up ("held": false); then call again with the same locks.',
    },
    idempotent: true,
  },
  unlock: {
    name: 'release_locks',
    title: 'Release locks',
    description:
      'Give back locks that you took with acquire_locks, as soon as you are done. Without "locks" you only give up waiting. Changes to files you gave back are not committed.',
    args: {
      locks: LOCKS,
      all: 'True for everything that you took on the way, and your place in line.',
    },
  },
  locks: {
    name: 'list_locks',
    title: 'List locks',
    description:
      'List the locks you hold, what you wait for, and who is in your way. What your task declares is held until its work is merged.',
  },
  renew: {
    name: 'renew_locks',
    title: 'Renew locks',
    description:
      'Keep your locks during long silent work: a lock is lost when its holder gives no sign of life until its end. Any tool call and output renews, too. Fails when you have lost them.',
    args: { locks: 'Fail unless you hold these.' },
    readOnly: true,
  },
  conflicts: {
    name: 'list_conflicts',
    title: 'List conflicts',
    description:
      'List the open conflicts you have part in: with whom, about which files, what is recommended and why, and who decides.',
  },
  settle: {
    name: 'settle_conflict',
    title: 'Settle a conflict',
    description:
      'Say how a conflict you have part in should be settled. While it is for the agents ("yours": true), two who say the same settle it. Agree with the other agent first, by messages.',
    args: { conflict: 'Name of the conflict, like "c4".', action: 'One of its actions, word for word.' },
  },
  incident: {
    name: 'open_incident',
    title: 'Open an incident',
    description:
      'Call out trouble in what is released or running, not in your own task: people are called, agents check.',
    args: { severity: 'P0: down, or data at risk. P1: degraded. P2: not critical.' },
  },
}

/** Arguments that mean the same everywhere. */
export const SHARED_ARGS: Readonly<Record<string, string>> = {
  to: 'An agent, task id, role, "#channel", topic ("agent.results"), "all", "person", or "help" (whoever has the skills).',
  wait: 'Seconds to wait at most, 0 to 55; 0 by default.',
  kind: 'What it is about.',
  priority: '0 most urgent (interrupts a person), 1 high, 2 normal, 3 low. 2 by default.',
  subject: 'One line.',
  payload: 'Any JSON that goes with it.',
  artifacts: 'Files that go with it, published ones by hash.',
  thread: 'Messages with one thread belong together; left out, that of the message it answers.',
  tags: 'Words to find it by.',
  ref: 'An id of your own for it.',
  channel: 'A channel ("#name") or topic ("name.name").',
}

export const REQUEST_ID_ARG =
  'Optional id of your own: if the reply is lost, the same call with the same id is done only once.'
