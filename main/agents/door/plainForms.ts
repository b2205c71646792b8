import { type Fields, fieldsOf, indented, line, lines, listOf, names, text, words } from './plainText.ts'

/** What each verb answers, in words. `plain.ts` says how; verbs that are not here answer with their fields. */

type Form = (body: Fields) => string

/** First line of the answer to a question that nobody has answered yet; clients look for it. */
const NO_ANSWER = 'no answer yet'

/** First words of the answer to who stays in line for locks; clients look for them. */
const NOT_HELD = 'not held yet'

const said: Form = () => ''

export const PLAIN_FORMS: Readonly<Record<string, Form>> = {
  hello,
  progress: said,
  output: said,
  checkpoint: ({ pending, commit }) =>
    commit === null ? (pending === true ? 'under way' : 'nothing to keep') : `kept as ${line(commit)}`,
  checklist,
  risk: ({ risk }) => `recorded ${line(risk)}`,
  component: ({ component }) => `recorded ${line(component)}`,
  send: sent,
  answer: sent,
  inbox: ({ messages, left }) => {
    const more = Number(left) > 0 ? [`${line(left)} more in your inbox`] : []
    return [...listOf(messages).map(message), ...more].join('\n\n')
  },
  handled: ({ left }) => `${line(left)} left in your inbox`,
  ask: asked,
  'need-human': asked,
  join: ({ channel }) => `joined ${line(channel)}`,
  leave: ({ channel }) => `left ${line(channel)}`,
  handoff,
  handoffs: (body) => (Array.isArray(body['handoffs']) ? blocks(body['handoffs'], handoff) : handoff(body)),
  accept: handoff,
  decline: handoff,
  clarify: handoff,
  clarified: handoff,
  ballot,
  vote: ballot,
  ballots: (body) => (Array.isArray(body['ballots']) ? blocks(body['ballots'], ballot) : ballot(body)),
  artifact,
  artifacts: ({ artifacts }) => listOf(artifacts).map(artifact).join('\n'),
  context: ({ files, text: whole }) =>
    whole === undefined
      ? listOf(files)
          .map(({ path, bytes }) => `${line(path)} (${line(bytes)} bytes)`)
          .join('\n')
      : text(whole),
  lock: ({ held, locks, behind }) =>
    held === true ? `held: ${names(locks)}` : lines(`${NOT_HELD}: ${names(locks)}`, ...inTheWay(behind)),
  unlock: ({ released, ...rest }) =>
    lines(Array.isArray(released) && released.length > 0 ? `released: ${names(released)}` : '', locks(rest)),
  locks,
  renew: locks,
  conflicts: ({ conflicts }) =>
    listOf(conflicts).length === 0 ? 'you have no part in a conflict' : blocks(conflicts, conflict),
  settle: conflict,
  incident: ({ incident }) => line(incident),
}

function conflict({
  conflict: id,
  text: said,
  level,
  decides,
  recommended,
  reasons,
  actions,
  settled,
}: Fields): string {
  if (typeof settled === 'string') return `${line(id)} is settled: ${line(settled)}`
  return lines(
    `${line(id)} ${line(said)}`,
    `  level ${line(level)}: ${line(decides)} decide${/s( |$)/.test(line(decides)) ? '' : 's'}`,
    `  recommended: ${line(recommended)} (${names(reasons)})`,
    `  can be settled with: ${names(actions)}`,
  )
}

function locks({ holds, waits }: Fields): string {
  const held = listOf(holds).map(({ lock, kind, shared, declared, until }) => {
    const lease = line(until) === '' ? '' : `until ${line(until)}`
    const about = [line(kind), shared === true ? 'shared' : '', declared === true ? 'declared' : '', lease]
    return `holds ${line(lock)} (${about.filter((word) => word !== '').join(', ')})`
  })
  const { locks: wanted, since, behind } = fieldsOf(waits)
  const waiting =
    waits === null || waits === undefined ? [] : [`waits for ${names(wanted)} since ${line(since)}`]
  const all = [...held, ...waiting, ...inTheWay(behind)]
  return all.length === 0 ? 'holds nothing' : lines(...all)
}

function inTheWay(behind: unknown): readonly string[] {
  return listOf(behind).map(({ agent, holds }) => {
    const held = Array.isArray(holds) && holds.length > 0
    return `  behind ${line(agent)}${held ? `, who holds ${names(holds)}` : ''}`
  })
}

function blocks(all: unknown, form: Form): string {
  return listOf(all).map(form).join('\n\n')
}

function hello(body: Fields): string {
  const { agent, inbox, checklist: steps, protocol } = body
  const [role, task, run] = [fieldsOf(body['role']), fieldsOf(body['task']), fieldsOf(body['run'])]
  const done = fieldsOf(steps)
  return lines(
    `agent: ${line(agent)}`,
    `role: ${words(line(role['name']), line(role['title']))}`,
    `task: ${line(task['id'])}, attempt ${line(task['attempt'])}`,
    indented(task['title']),
    `run: ${words(line(run['id']), line(run['title']))}`,
    `needs: ${names(task['needs'], 'nothing')}`,
    `needed by: ${names(task['neededBy'], 'nothing')}`,
    `inbox: ${line(inbox)}`,
    `checklist: ${line(done['done'])} of ${line(done['of'])} done`,
    `protocol: ${line(protocol)}`,
  )
}

function checklist({ done, of, steps }: Fields): string {
  const marks: Readonly<Record<string, string>> = { done: '[x]', open: '[ ]', 'not-needed': '[-]' }
  const each = listOf(steps).map(({ id, title, status, why }) => {
    const because = line(why) === '' ? '' : `(${line(why)})`
    return words(marks[text(status)] ?? '[?]', `${line(id)}:`, line(title), because)
  })
  return lines(...each, `${line(done)} of ${line(of)} done`)
}

function sent({ message: number, recipients }: Fields): string {
  return `m${line(number)} to ${names(recipients)}`
}

/** `m12 REQUEST P1 from BuildMaster/compile#1: subject`, then everything else indented. */
function message(one: Fields): string {
  const { number, type, kind, priority, from, to, subject, content, answers, thread } = one
  const about = line(subject) === '' ? '' : `: ${line(subject)}`
  const head = words(`m${line(number)}`, line(type), `P${line(priority)}`, `from ${line(from)}${about}`)
  const word = (name: string, value: unknown): string =>
    line(value) === '' ? '' : `  ${name}: ${line(value)}`
  const payload = one['payload'] === null || one['payload'] === undefined ? '' : one['payload']
  const tags = Array.isArray(one['tags']) && one['tags'].length > 0 ? names(one['tags']) : ''
  const choices = Array.isArray(one['options']) && one['options'].length > 0 ? names(one['options']) : ''
  return lines(
    head,
    word('to', to),
    word('kind', kind),
    word('answers', answers === null || answers === undefined ? '' : `m${line(answers)}`),
    line(thread) === String(number) ? '' : word('thread', thread),
    word('tags', tags),
    word('choose from', choices),
    ...listOf(one['artifacts']).map((each) => `  artifact: ${artifact(each)}`),
    ...listOf(one['dependencies']).map(
      (each) =>
        `  dependency: ${words(line(each['artifact']), 'of', line(each['agent']), line(each['status']))}`,
    ),
    payload === '' ? '' : word('payload', payload),
    line(content) === '' ? '' : indented(content, '  | '),
  )
}

/** Who answered what on the first line, then the answer as it was written, for a shell to take. */
function asked({ message: number, answered, answer: one, overdue }: Fields): string {
  if (answered !== true) {
    const told = overdue === true ? ', and a person was told' : ''
    return `${NO_ANSWER} to m${line(number)}${told}`
  }
  const { number: by, from, content, payload } = fieldsOf(one)
  return `m${line(by)} from ${line(from)} answers m${line(number)}\n${text(content === '' ? payload : content)}`
}

function handoff(body: Fields): string {
  const { handoff: id, state, yours, from, to, reason } = body
  const document = fieldsOf(body['document'])
  const failed = listOf(body['checks']).filter(({ result }) => result === 'failed')
  const list = (title: string, value: unknown): string =>
    Array.isArray(value) && value.length > 0
      ? lines(`  ${title}:`, ...value.map((one) => indented(one, '    ')))
      : ''
  return lines(
    `${line(id)} ${line(state)} (${line(yours)}) from ${line(from)} to ${line(to)}: ${line(document['title'])}`,
    line(reason) === '' ? '' : `  reason: ${line(reason)}`,
    ...failed.map(({ name, detail }) => lines(`  failed: ${line(name)}`, indented(detail, '    '))),
    ...listOf(body['clarifications']).map(({ question, answer: reply }) =>
      lines(
        '  question:',
        indented(question, '    '),
        reply === null ? '  not answered yet' : lines('  answer:', indented(reply, '    ')),
      ),
    ),
    list('completed', document['completed']),
    ...listOf(document['artifacts']).map(
      (one) => `  artifact: ${artifact(one)}${one['status'] === 'draft' ? ' draft' : ''}`,
    ),
    list('known issues', document['knownIssues']),
    list('dependencies', document['dependencies']),
    list('success criteria', document['successCriteria']),
    line(document['notes']) === '' ? '' : lines('  notes:', indented(document['notes'], '    ')),
  )
}

function ballot(body: Fields): string {
  const { ballot: id, by, question, voters, needed, closed, result, reason, due } = body
  const end =
    closed === true
      ? `closed (${line(reason)}): ${result === null ? 'nothing was decided' : line(result)}`
      : `open until ${line(due)}, decided by ${line(needed)}`
  return lines(
    `${line(id)} ${end}`,
    `  from ${line(by)} to ${names(voters)}`,
    indented(question),
    ...listOf(body['votes']).map(({ option, votes }) => `  ${line(votes)} for ${line(option)}`),
  )
}

/** `<hash> <type> <path>`, the hash first so that a shell can take it. */
function artifact({ path, type, hash, bytes, task }: Fields): string {
  const size = bytes === null || bytes === undefined ? '' : `(${line(bytes)} bytes)`
  const by = task === null || task === undefined ? '' : `from ${line(task)}`
  return words(line(hash) === '' ? '-' : line(hash), line(type), line(path), size, by)
}
