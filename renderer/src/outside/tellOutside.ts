import { preferredRun } from '../../../main/notices/needs.ts'
import { newsOf } from '../../../main/notices/notices.ts'
import { type NotificationLook, Notifier, type ShownNotification } from '../../../main/notices/notifier.ts'
import type { NoticeWords } from '../../../main/notices/words.ts'
import type { LiveStore } from '../state/live.ts'
import { currentPlace, navigate } from '../state/place.ts'

/**
 * Tells what needs a person by the browser's notifications, by the desktop's rules and in its words, until the function
 * it gives is called. What is only worth knowing is not told: a tab is not asked to be a news service.
 */
export function tellOutside(live: LiveStore, words: NoticeWords): () => void {
  const notifier = new Notifier({
    notify,
    words,
    lookedAt: () => {
      if (document.visibilityState !== 'visible' || !document.hasFocus()) return null
      const { state } = live.getState()
      return { place: currentPlace(), preferred: state === undefined ? null : preferredRun(state) }
    },
    goTo: (place) => navigate({ run: undefined, task: undefined, at: undefined, ...place }),
    // A page's notifications have neither buttons nor a field: a click leads to where it is answered.
    answer: () => undefined,
    send: () => undefined,
  })
  const stop = live.onEvents((events) => {
    const { state } = live.getState()
    if (state === undefined) return
    for (const event of events) {
      const news = newsOf(event, state, words)
      if (news?.type === 'withdraw' || news?.notice.kind === 'needs-you') notifier.take(news)
    }
  })
  return () => {
    stop()
    notifier.close()
  }
}

/** Undefined where the browser shows none now: not allowed any more, or only to a service worker. */
function notify({ key, title, body, urgent, onClick }: NotificationLook): ShownNotification | undefined {
  if (!('Notification' in window) || Notification.permission !== 'granted') return undefined
  try {
    // Of the same name it takes the other's place, so that two tabs tell it once.
    const shown = new Notification(title, { body, tag: key, requireInteraction: urgent, icon: './icon.svg' })
    shown.onclick = () => {
      window.focus()
      onClick()
      shown.close()
    }
    return shown
  } catch {
    return undefined
  }
}
