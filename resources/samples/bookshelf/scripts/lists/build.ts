import { readJson, writeText } from '../lib/files.ts'
import { output } from '../lib/output.ts'
import { amphi, type Handoff, handoffs, Inbox, send } from '../lib/talk.ts'

interface Design {
  readonly table: string
  readonly columns: Readonly<Record<string, string>>
}

/** Takes the design over, asks what is unclear, and writes the migration; a colleague says how to check it. */
const inbox = new Inbox('a table of their own')
amphi(['progress', '10', 'waiting for the design'])
while (given() === undefined) inbox.wait(({ kind }) => kind === 'handoff')
const { handoff, state } = given()!
if (state === 'transferred' && given()!.clarifications.length === 0)
  amphi(['clarify', handoff, 'In which form are dates kept?', '--wait', '50'], 'dates')
while (given()!.state === 'clarifying') inbox.wait(({ kind }) => kind === 'handoff')
const dates = given()!.clarifications[0]!.answer
amphi(['accept', handoff])

amphi(['progress', '40', 'writing the migration'])
const design = given()!.document.artifacts[0]!
amphi(['get', design.hash!, '/tmp/design.json'])
const { table, columns } = readJson<Design>('/tmp/design.json')
const lines = Object.entries(columns).map(([name, type]) => `  ${name} ${type}`)
writeText('plans/reading-lists.sql', `-- ${dates}\nCREATE TABLE ${table} (\n${lines.join(',\n')}\n);\n`)
amphi(['checkpoint', 'the migration as designed'])

amphi(['progress', '60', 'asking how to check it'])
const question = 'How is a new table checked before it is released?'
const help = { to: 'help', type: 'REQUEST', kind: 'request_help', skills: ['vitest'], content: question }
const asked = send(help, 'help')
const advice = inbox.wait((message) => message.answers === asked)
console.log(`${advice.from} says: ${advice.content}`)

const done = { to: 'all', type: 'task_complete', payload: { migration: 'reading-lists', status: 'success' } }
send(done, 'done')
amphi(
  ['component', 'api/reading-lists', '--status', 'in_review', '--change', 'migration written'],
  'component',
)
amphi(['progress', '100', 'handed on'])
output({ table })
inbox.done()

function given(): Handoff | undefined {
  return handoffs().find(
    ({ document: { title }, state }) => title === 'Reading lists' && state !== 'initiated',
  )
}
