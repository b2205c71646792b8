import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { Box } from './seats.ts'

/** The size of an element, px; undefined until it has one. */
export function useBox<E extends HTMLElement>(): readonly [RefObject<E | null>, Box | undefined] {
  const ref = useRef<E>(null)
  const [box, setBox] = useState<Box | undefined>()
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element
      if (width === 0 || height === 0) return
      setBox((old) => (old?.width === width && old.height === height ? old : { width, height }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, box]
}
