import type { DoorReply } from './door.ts'
import { PLAIN_FORMS } from './plainForms.ts'
import { type Fields, fieldsOf, line, printable } from './plainText.ts'

/**
 * Answers in words, for clients that cannot read JSON (a shell) and for who looks on. Lines that are the door's own
 * begin at the margin; what others wrote is indented, so that no message can look like the beginning of another.
 */

/** Does the `Accept` of a request ask for words rather than JSON? */
export function wantsPlain(accept: string | undefined): boolean {
  return /^\s*text\/plain\b/i.test(accept ?? '')
}

/** A reply of the door to a verb, as text that ends with a newline, or is empty where there is nothing to say. */
export function plainReply(verb: string, { body }: Pick<DoorReply, 'body'>): string {
  if (!body.ok) return printable(`${line(body.reason)}\n${line(body.remedy)}\n`)
  const form = Object.hasOwn(PLAIN_FORMS, verb) ? PLAIN_FORMS[verb]! : other
  return printable(ended(form(fieldsOf(body))))
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

/** One `name: value` to a line. */
function other({ ok: _, ...fields }: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${line(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join('\n')
}
