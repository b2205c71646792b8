import { type ReactNode, useEffect } from 'react'
import { needsYou } from '../../../main/notices/needs.ts'
import { NOTICE_WORDS } from '../../../main/notices/words.ts'
import { useCalm } from '../state/calm.ts'
import { usePreference } from '../state/preferences.ts'
import { useLive, useSession } from '../state/session.tsx'
import { tellOutside } from './tellOutside.ts'

const NAME = 'Amphitheatre'

/**
 * What a tab says that nobody looks at: its title, and the browser's notifications where the person wants them. The
 * desktop does both by itself.
 */
export function Outside(): ReactNode {
  useTitle()
  useNotifications()
  return null
}

function useTitle(): void {
  const count = useCalm(useLive(({ state }) => (state === undefined ? 0 : needsYou(state))))
  useEffect(() => {
    document.title = count === 0 ? NAME : `(${count}) ${NAME}`
  }, [count])
}

function useNotifications(): void {
  const { live } = useSession()
  const language = usePreference('language')
  const wanted = usePreference('notifications')
  useEffect(() => (wanted ? tellOutside(live, NOTICE_WORDS[language]) : undefined), [live, language, wanted])
}
