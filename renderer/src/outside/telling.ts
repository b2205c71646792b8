import { isInBrowser } from '../bridge/connect.ts'
import { preferences, setPreference, usePreference } from '../state/preferences.ts'

/** `blocked`: the browser does not let this page, and only the person can change that. */
export type Telling = 'on' | 'off' | 'blocked'

/** Undefined where there is nothing to switch: in the desktop, and where the browser has no notifications. */
export function useTelling(): Telling | undefined {
  const wanted = usePreference('notifications')
  if (!isInBrowser() || !('Notification' in window)) return undefined
  if (Notification.permission === 'denied') return 'blocked'
  return wanted && Notification.permission === 'granted' ? 'on' : 'off'
}

/** Asks the browser where it has to be asked. */
export async function switchTelling(): Promise<Telling> {
  const isOn = preferences.getState().notifications && Notification.permission === 'granted'
  const next = isOn ? 'off' : (await Notification.requestPermission()) === 'granted' ? 'on' : 'blocked'
  setPreference('notifications', next === 'on')
  return next
}
