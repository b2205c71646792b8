import { Cron } from 'croner'

/** In words, what is wrong with a cron expression of five fields; undefined where nothing is. */
export function cronFault(text: string): string | undefined {
  const example = 'write for example "0 2 * * *" (every day at 02:00)'
  try {
    const cron = new Cron(text, { mode: '5-part', paused: true, timezone: 'UTC' })
    if (cron.nextRun() !== null) return undefined
    return `${JSON.stringify(text)} is never due: ${example}`
  } catch {
    return `${JSON.stringify(text)} is no cron expression of five fields: ${example}`
  }
}

export function zoneFault(text: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return undefined
  } catch {
    return `${JSON.stringify(text)} is no time zone: write for example "Europe/Berlin"`
  }
}
