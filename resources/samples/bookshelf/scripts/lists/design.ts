import { writeFileSync } from 'node:fs'
import { writeJson } from '../lib/files.ts'
import { output } from '../lib/output.ts'
import { amphi, fieldsOf, type Handoff, handoffs, Inbox } from '../lib/talk.ts'

/** Designs reading lists: has the team vote on one question, hands the design over, answers what is asked about it. */
const inbox = new Inbox('a table of their own')
amphi(['progress', '10', 'asking the team'])
amphi(['ballot', 'Where do reading lists live?', 'a table of their own', 'a column of JSON'], 'where')
const decided = inbox.wait((message) => message.kind === 'vote' && 'result' in fieldsOf(message))
const choice = String(fieldsOf(decided).result ?? 'a table of their own')
console.log(`the team wants ${choice}`)

amphi(['progress', '40', `designing ${choice}`])
const columns = {
  id: 'INTEGER PRIMARY KEY',
  reader: 'TEXT NOT NULL',
  book: 'INTEGER NOT NULL',
  added: 'TEXT NOT NULL',
}
writeJson('plans/reading-lists.json', { table: 'reading_lists', columns })
const { hash } = amphi(['artifact', 'plans/reading-lists.json', '--type', 'config'], 'design')
const change = `designed as ${choice}`
amphi(['component', 'api/reading-lists', '--status', 'in_progress', '--change', change], 'component')

amphi(['progress', '70', 'handing over'])
writeFileSync('/tmp/handoff.md', document(String(hash)))
if (mine() === undefined) amphi(['handoff', '/tmp/handoff.md', '--wait', '50'], 'handoff')
for (let { state, handoff } = mine()!; state !== 'acknowledged'; { state, handoff } = mine()!) {
  if (state === 'returned' || state === 'withdrawn') throw new Error(`the hand-off is ${state}`)
  if (state === 'clarifying') amphi(['clarified', handoff, 'Dates are ISO 8601, in UTC.'])
  else inbox.wait(({ kind }) => kind === 'handoff')
}
amphi(['progress', '100', 'taken over'])
output({ choice })
inbox.done()

function mine(): Handoff | undefined {
  return handoffs().find(({ document: { title } }) => title === 'Reading lists')
}

function document(sha256: string): string {
  return `# Task Handoff: Reading lists

## From: design-lists
## To: build-lists
## Date: ${new Date().toISOString()}

### Completed Work
- A design the team voted for: ${choice}

### Artifacts
- Path: plans/reading-lists.json
- Type: config
- Status: final
- SHA-256: ${sha256}

### Known Issues
- Lists of readers who left stay

### Dependencies
- The table of books

### Success Criteria
- The migration makes the table of the design

### Notes
Ask where anything is unclear.
`
}
