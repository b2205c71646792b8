import type { z } from 'zod'

const MOST = 3

/** What is wrong with arguments, place by place: `message.to: expected string, received number`. */
export function issuesText(error: z.ZodError): string {
  const texts = error.issues.slice(0, MOST).map((issue) => `${placeOf(issue.path)}: ${wordsOf(issue)}`)
  const more = error.issues.length - MOST
  return [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the arguments'
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('')
    .slice(0, 200)
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return 'is missing'
  const text = issue.message.replace(/^Invalid (input|option): /, '').replace(/^Too (big|small): /, '')
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`.slice(0, 300)
}
