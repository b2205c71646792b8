import { useCallback } from 'react'
import type { ClientCommand } from '../../../main/domain/commands.ts'
import { type CommandId, commandId } from '../../../main/domain/ids.ts'
import type { AmphitheatreBridge } from '../../../preload/contract.ts'
import { useSession } from '../state/session.tsx'
import { tellFailure } from '../ui/toasts.tsx'
import { inWords } from './refusal.ts'

/** An answer that is lost on the way is asked for again with the same id, which does nothing twice, ms between. */
const AGAIN_MS = [200, 1_000, 3_000]

/** Sends a command; what refuses it is told. Resolves to whether it was taken. */
export function useDispatch(): (command: ClientCommand) => Promise<boolean> {
  const { bridge, live } = useSession()
  return useCallback(
    async (command) => {
      try {
        const outcome = await send(bridge, command, commandId(`page-${crypto.randomUUID()}`))
        if (!outcome.ok)
          tellFailure({ message: inWords(outcome.reason, live.getState().state?.runs.values() ?? []) })
        return outcome.ok
      } catch (error) {
        tellFailure(error)
        return false
      }
    },
    [bridge, live],
  )
}

async function send(bridge: AmphitheatreBridge, command: ClientCommand, id: CommandId) {
  for (const wait of AGAIN_MS) {
    try {
      return await bridge.request('dispatch', { command, id })
    } catch (error) {
      if ((error as { kind?: string }).kind !== 'lost') throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return bridge.request('dispatch', { command, id })
}
