import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import type { Message } from '../../../../main/domain/talk/message.ts'
import { useSession } from '../../state/session.tsx'
import { tellFailure } from '../../ui/toasts.tsx'
import { MessageBook } from './book.ts'

export interface Book {
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** Every message from this number on is here. */
  readonly from: number
  readonly loading: boolean
  readonly earlier: () => void
  readonly get: (number: number) => Message | undefined
}

/** The messages of a run as it is in this picture, and older ones when they are asked for. */
export function useBook(run: Run): Book {
  const { bridge, live } = useSession()
  const [, setVersion] = useState(0)
  const [loading, setLoading] = useState(false)
  const book = useMemo(() => new MessageBook(run.id), [run.id])
  // Nothing may be let go unseen between two pictures.
  useEffect(
    () =>
      live.subscribe(({ state }) => {
        const now = state?.runs.get(run.id)
        if (now !== undefined) book.see(now)
      }),
    [live, book, run.id],
  )
  // A run in live state is followed above; this one may be a picture of some moments ago.
  if (live.getState().state?.runs.has(run.id) !== true || book.all().length === 0) book.see(run)
  const earlier = useCallback(() => {
    setLoading(true)
    const now = live.getState().state?.seq ?? 0
    book
      .earlier((args) => bridge.request('history', args), now)
      .catch(tellFailure)
      .finally(() => {
        setLoading(false)
        setVersion((n) => n + 1)
      })
  }, [book, bridge, live])
  return {
    messages: book.all(),
    from: book.from,
    loading,
    earlier,
    get: (number) => book.get(number),
  }
}

/** The texts of a message that live state has cut, asked for once. */
export interface Whole {
  readonly content: string
  readonly payload: string | null
}

const wholes = new Map<string, Whole>()
const KEPT = 100

/** Undefined until it was asked for and has come. */
export function useWhole(
  run: Run,
  message: Message,
): { readonly whole: Whole | undefined; readonly fetchIt: () => void } {
  const { bridge } = useSession()
  const key = `${run.id}/${message.number}`
  const [, setVersion] = useState(0)
  const fetchIt = useCallback(() => {
    bridge.request('history', { after: message.seq - 1, limit: 1 }).then(([event]) => {
      if (event?.data.type !== 'message.sent' || event.seq !== message.seq) return
      const { content, payload } = event.data.draft
      wholes.set(key, { content, payload })
      for (const old of wholes.keys()) if (wholes.size > KEPT) wholes.delete(old)
      setVersion((n) => n + 1)
    }, tellFailure)
  }, [bridge, key, message.seq])
  return { whole: wholes.get(key), fetchIt }
}
