import type { IncidentNews } from '../../domain/incidents/news.ts'

/**
 * Carries news to people outside of the pages, such as chat or mail. (The desktop shows the same news from the events it
 * follows, `main/desktop/incidentNotices.ts`: it may look at an engine in another process; how far it told is in its own
 * settings.) Everything is delivered at least once, in order; what may have been delivered before says so.
 */
export interface Notifier {
  /** Which one it is, for ever: how far it has been told is kept under this name. */
  readonly name: string
  /**
   * Resolves when the news is with whoever carries it on; whatever it throws, it is asked again later. What is not over
   * when `signal` fires counts as not delivered.
   */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<void>
}

export interface Delivery {
  /** Of the event it is about: the same whenever it is delivered, so that who keeps it can tell the second time. */
  readonly seq: number
  readonly news: IncidentNews
  /** It may have been delivered before: the engine or the way to it broke down meanwhile. */
  readonly again: boolean
}
