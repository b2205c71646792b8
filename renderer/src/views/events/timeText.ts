import type { Preferences } from '../../state/preferences.ts'

/** `14:05:09` of today, `Nov 20 14:05` of another day, in the window's own time zone; both in ms. */
export function timeText(time: number, now: number, language: Preferences['language']): string {
  const at = new Date(time)
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`
  if (at.toDateString() === new Date(now).toDateString()) return `${clock}:${two(at.getSeconds())}`
  const month = language === 'vi' ? '2-digit' : 'short'
  return `${at.toLocaleDateString(language, { day: '2-digit', month })} ${clock}`
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}
