import { type RefObject, useEffect, useRef } from 'react'
import { assertNever } from '../../../../main/domain/assertNever.ts'
import { toggleDock } from './DockPane.tsx'
import { type GraphKey, graphKey } from './keys.ts'
import type { Camera } from './useCamera.ts'
import type { Cursor } from './useCursor.ts'
import type { Drawing } from './useDrawing.ts'
import type { Folding } from './useFolding.ts'

interface Parts {
  readonly root: RefObject<HTMLElement | null>
  readonly cursor: Cursor
  readonly camera: Camera
  readonly folding: Folding
  readonly drawing: Drawing | undefined
  readonly field: RefObject<HTMLInputElement | null>
}

/** Keys of the graph while it is the view; see `graphKey` for where they count. */
export function useGraphKeys(parts: Parts): void {
  const latest = useRef(parts)
  latest.current = parts
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const key = graphKey(event)
      if (key === undefined) return
      event.preventDefault()
      perform(key, latest.current)
    }
    const onFocus = ({ target }: FocusEvent): void => latest.current.cursor.onFocus(target)
    const root = latest.current.root.current
    window.addEventListener('keydown', onKeyDown)
    root?.addEventListener('focusin', onFocus)
    return () => {
      window.removeEventListener('keydown', onKeyDown)
      root?.removeEventListener('focusin', onFocus)
    }
  }, [])
}

function perform(key: GraphKey, { cursor, camera, folding, drawing, field }: Parts): void {
  switch (key.does) {
    case 'travel':
      cursor.travel(key.direction)
      return
    case 'open':
      cursor.open()
      return
    case 'clear':
      cursor.clear()
      return
    case 'search':
      field.current?.select()
      return
    case 'fit':
      camera.fit()
      return
    case 'zoom-in':
      camera.zoom(1)
      return
    case 'zoom-out':
      camera.zoom(-1)
      return
    case 'dock':
      toggleDock()
      return
    case 'fold': {
      const unit = drawing?.scene.units[cursor.at() ?? 0]
      if (unit !== undefined && unit.kind !== 'role') folding.toggleLane(unit.lane)
      return
    }
    default:
      assertNever(key, 'unknown key')
  }
}
