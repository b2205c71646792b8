import { useCallback, useEffect, useRef, useState } from 'react'

export type Asked<T> =
  | { readonly status: 'idle' }
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly error: unknown }

/**
 * Asks when `key` changes and when told to again; late answers to earlier questions are dropped. While it is null
 * nothing is asked, and what was answered stays.
 */
export function useAsked<T>(
  key: string | null,
  ask: (key: string) => Promise<T>,
): readonly [Asked<T>, () => void] {
  const [answer, setAnswer] = useState<Asked<T>>({ status: 'idle' })
  const [round, setRound] = useState(0)
  const latest = useRef(ask)
  latest.current = ask
  useEffect(() => {
    void round
    if (key === null) {
      setAnswer((before) => (before.status === 'ready' ? before : { status: 'idle' }))
      return
    }
    let gone = false
    setAnswer((before) => (before.status === 'ready' ? before : { status: 'loading' }))
    latest.current(key).then(
      (value) => !gone && setAnswer({ status: 'ready', value }),
      (error: unknown) => !gone && setAnswer({ status: 'failed', error }),
    )
    return () => {
      gone = true
    }
  }, [key, round])
  return [answer, useCallback(() => setRound((n) => n + 1), [])]
}
