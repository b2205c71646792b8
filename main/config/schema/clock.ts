import { cronFault, zoneFault } from '../cron.ts'
import { Text } from './scalars.ts'

/** Times as people write them. */

function sound(fault: (text: string) => string | undefined) {
  return Text.superRefine((text, context) => {
    const message = fault(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
}

export const CronText = sound(cronFault)
export const ZoneText = sound(zoneFault)
