import type { Place } from '../../preload/contract.ts'
import type { ClientCommand } from '../domain/commands.ts'
import type { RunId } from '../domain/ids.ts'
import { gather, isOnScreen, type News, type Notice } from './notices.ts'
import type { NoticeWords } from './words.ts'

export interface NotificationLook {
  /** Another of the same takes its place. */
  readonly key: string
  readonly title: string
  readonly body: string
  /** Shown only where the system has buttons. */
  readonly buttons: readonly string[]
  /** What stands in a field for an answer in words, shown only where the system has one; null for none. */
  readonly reply: string | null
  readonly urgent: boolean
  onClick(): void
  onButton(index: number): void
  onReply(text: string): void
}

export interface ShownNotification {
  close(): void
}

export interface NotifierParts {
  /** Undefined where notifications are not supported. */
  readonly notify: (notification: NotificationLook) => ShownNotification | undefined
  readonly words: NoticeWords
  /** What the window shows if it is being looked at; null if it is not. */
  readonly lookedAt: () => { readonly place: Place | undefined; readonly preferred: RunId | null } | null
  readonly goTo: (place: Place) => void
  readonly answer: (question: NonNullable<Notice['question']>, choice: string) => void
  readonly send: (command: ClientCommand) => void
}

/** What comes this soon after the first is told together with it, ms. */
const GATHER_MS = 600
/** Between two tellings, ms: a storm of events is a few notifications. */
const GAP_MS = 5_000
/** Older ones stay in the system's list but are not taken back any more. */
const MAX_SHOWN = 50

/**
 * Tells what happens outside of the window. waiting → (news) → gathering → (time) → telling → resting → (time) →
 * waiting, or gathering when news came in the meantime.
 */
export class Notifier {
  readonly #parts: NotifierParts
  /** Empty while waiting. */
  #gathered: Notice[] = []
  /** Set while gathering or resting. */
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #shown = new Map<string, ShownNotification>()

  constructor(parts: NotifierParts) {
    this.#parts = parts
  }

  take(news: News): void {
    if (news.type === 'withdraw') {
      this.#withdraw(news.key)
      return
    }
    // What says the same again takes the place of what was not told yet.
    this.#gathered = this.#gathered.filter((notice) => notice.key !== news.notice.key)
    this.#gathered.push(news.notice)
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS)
  }

  /** For what the program says of itself: at once. */
  tell(title: string, body: string, place: Place): void {
    this.#show({ kind: 'done', key: `!${title}`, title, body, place, question: null })
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#gathered = []
  }

  #withdraw(key: string): void {
    this.#gathered = this.#gathered.filter((notice) => notice.key !== key)
    this.#shown.get(key)?.close()
    this.#shown.delete(key)
  }

  #tell(): void {
    this.#timer = undefined
    const seen = this.#parts.lookedAt()
    const unseen = this.#gathered.filter(
      (notice) => seen === null || !isOnScreen(notice, seen.place, seen.preferred),
    )
    this.#gathered = []
    if (unseen.length === 0) return
    for (const notice of gather(unseen, this.#parts.words)) this.#show(notice)
    this.#timer = setTimeout(() => this.#rested(), GAP_MS)
  }

  #rested(): void {
    this.#timer = undefined
    if (this.#gathered.length > 0) this.#tell()
  }

  #show(notice: Notice): void {
    const { question, place, key, actions = [] } = notice
    const choices = question?.choices ?? []
    const shown = this.#parts.notify({
      key,
      title: notice.title,
      body: notice.body,
      buttons: [
        ...choices.map((choice, i) => question?.labels?.[i] ?? this.#parts.words.choices[choice] ?? choice),
        ...actions.map(({ label }) => label),
      ],
      reply: question !== null && choices.length === 0 ? this.#parts.words.yourAnswer : null,
      urgent: notice.kind === 'needs-you',
      onClick: () => this.#parts.goTo(place),
      onButton: (index) => {
        const choice = choices[index]
        if (question !== null && choice !== undefined) this.#parts.answer(question, choice)
        const does = actions[index - choices.length]?.does
        if (does?.kind === 'send') this.#parts.send(does.command)
        if (does?.kind === 'go') this.#parts.goTo(does.place)
      },
      onReply: (text) => {
        const said = text.trim()
        if (question !== null && said !== '') this.#parts.answer(question, said)
      },
    })
    if (shown === undefined) return
    // One that says the same again takes the place of the one before.
    this.#shown.get(key)?.close()
    this.#shown.delete(key)
    this.#shown.set(key, shown)
    if (this.#shown.size > MAX_SHOWN) this.#shown.delete(this.#shown.keys().next().value!)
  }
}
