import { writeText } from '../lib/files.ts'
import { output } from '../lib/output.ts'
import { amphi, fieldsOf, Inbox } from '../lib/talk.ts'

/** Waits for what the others did and writes it down for the release. */
const inbox = new Inbox('a column of JSON')
amphi(['progress', '10', 'listening'])
const built = inbox.wait(({ kind }) => kind === 'task_complete')
amphi(['progress', '60', `${built.from} is done`])
const checked = inbox.wait(({ subject }) => subject === 'Checked')
const { migration, risks } = fieldsOf(checked)
writeText(
  'plans/NOTES.md',
  `# ${migration}\n\nBuilt by ${built.from}, checked by ${checked.from}; ${risks} risk noted.\n`,
)
amphi(['progress', '100', 'noted'])
output({ migration: String(migration) })
inbox.done()
