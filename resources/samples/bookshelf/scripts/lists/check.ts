import { output } from '../lib/output.ts'
import { amphi, fieldsOf, Inbox, send } from '../lib/talk.ts'

/** Helps whoever asks, then looks at what was built and says what could go wrong with it. */
const inbox = new Inbox('a table of their own')
amphi(['progress', '10', 'ready to help'])
const question = inbox.wait(({ kind }) => kind === 'request_help')
amphi(['answer', String(question.number), 'Create it in memory, insert a row, read it back.'], 'advice')

amphi(['progress', '50', 'waiting for the migration'])
const built = inbox.wait(({ kind }) => kind === 'task_complete')
const { migration } = fieldsOf(built)
const risk = [
  '--title',
  'Lists outlive their readers',
  '--level',
  'low',
  '--mitigation',
  'clean up once a week',
]
amphi(['risk', 'orphaned-lists', ...risk], 'risk')
const report = {
  to: 'note-lists',
  type: 'UPDATE',
  subject: 'Checked',
  payload: JSON.stringify({ migration, risks: 1 }),
}
send(report, 'report')
amphi(['progress', '100', 'checked'])
output({ risks: 1 })
inbox.done()
