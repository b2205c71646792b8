export type Tab = 'talk' | 'handoffs' | 'ballots'

/** Which part of the view what is meant lies in: `h3` is a hand-off, `v1` a ballot, anything else is talk. */
export function tabOf(at: string | undefined): Tab {
  if (at === 'handoffs' || handoffIn(at) !== undefined) return 'handoffs'
  if (at === 'ballots' || ballotIn(at) !== undefined) return 'ballots'
  return 'talk'
}

export function handoffIn(at: string | undefined): string | undefined {
  return at !== undefined && /^h\d+$/.test(at) ? at : undefined
}

export function ballotIn(at: string | undefined): string | undefined {
  return at !== undefined && /^v\d+$/.test(at) ? at : undefined
}

/** The number of the message that is meant. */
export function messageIn(at: string | undefined): number | undefined {
  const number = at === undefined ? undefined : /^m(\d{1,9})$/.exec(at)?.[1]
  return number === undefined ? undefined : Number(number)
}

const THREAD = 't:'

export function threadIn(at: string | undefined): string | undefined {
  return at?.startsWith(THREAD) === true ? at.slice(THREAD.length) : undefined
}

export function atThread(key: string): string {
  return `${THREAD}${key}`
}
