import { useEffect, useRef } from 'react'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { Message } from '../../../../main/domain/talk/message.ts'
import { useDispatch } from '../../actions/useDispatch.ts'

/** In sight for so long it has been seen, ms. */
const SEEN_MS = 1_500

/** What is only told is seen by looking at it; a request stays open until it is answered or put away by hand. */
function isSeenByLooking({ personOpen, type }: Message): boolean {
  return personOpen && type !== 'REQUEST'
}

/** Marks what stays in sight as seen. `run` undefined: it left live state, and looking is no reason to recall it. */
export function useSeen(run: RunId | undefined, inSight: readonly Message[]): void {
  const dispatch = useDispatch()
  const told = useRef(new Set<number>())
  const key = inSight
    .filter((message) => isSeenByLooking(message) && !told.current.has(message.number))
    .map(({ number }) => number)
    .join()
  useEffect(() => {
    if (run === undefined || key === '') return
    const timer = setTimeout(() => {
      if (document.hidden) return
      const messages = key.split(',').map(Number)
      for (const number of messages) told.current.add(number)
      void dispatch({ type: 'message.handle', run, messages })
    }, SEEN_MS)
    return () => clearTimeout(timer)
  }, [run, key, dispatch])
}
