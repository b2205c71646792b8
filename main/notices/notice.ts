import type { Place } from '../../preload/contract.ts'
import type { ClientCommand } from '../domain/commands.ts'
import type { RunId } from '../domain/ids.ts'

/** Something a person is told of outside of the window. */
export interface Notice {
  readonly kind: NoticeKind
  /** The same for what takes it back. */
  readonly key: string
  readonly title: string
  readonly body: string
  readonly place: Place
  /** What can be answered at once, in words where there are no choices; null for what is only told. */
  readonly question: {
    readonly run: RunId
    readonly id: string
    /** When it was asked. */
    readonly since?: number
    readonly choices: readonly string[]
    /** What their buttons say, where that is not what choices of that name say elsewhere. */
    readonly labels?: readonly string[]
  } | null
  /** What else can be done at once: its buttons come after those of a question. */
  readonly actions?: readonly NoticeAction[]
}

export interface NoticeAction {
  readonly label: string
  /** What is sent, or where it is looked at first. */
  readonly does:
    | { readonly kind: 'send'; readonly command: ClientCommand }
    | { readonly kind: 'go'; readonly place: Place }
}

export type NoticeKind = 'done' | 'failed' | 'needs-you'

export type News =
  | { readonly type: 'tell'; readonly notice: Notice }
  /** Answered or over: what was told of it is out of date. */
  | { readonly type: 'withdraw'; readonly key: string }

/** The system shows no more of it, and a message may be long. */
const MAX_BODY = 240

export function shorten(text: string): string {
  return text.length <= MAX_BODY ? text : `${text.slice(0, MAX_BODY - 1).trimEnd()}…`
}
