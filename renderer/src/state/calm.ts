import { useEffect, useRef, useState } from 'react'

/**
 * The value as it was at most `ms` ago: what nobody can read faster need not be worked out faster. The first value and
 * the last one always come through.
 */
export function useCalm<T>(value: T, ms = 200): T {
  const [shown, setShown] = useState(value)
  const latest = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  latest.current = value
  useEffect(() => {
    if (timer.current !== undefined || Object.is(value, shown)) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      setShown(() => latest.current)
    }, ms)
  }, [value, shown, ms])
  useEffect(() => () => clearTimeout(timer.current), [])
  return shown ?? value
}
