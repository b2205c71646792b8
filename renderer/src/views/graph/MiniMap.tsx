import { useReactFlow, useStore } from '@xyflow/react'
import { type ReactNode, useEffect, useRef } from 'react'
import { usePreference } from '../../state/preferences.ts'
import { useWords } from '../../words/language.ts'
import { centred } from './camera.ts'
import { countOf } from './GroupCard.tsx'
import { useGraph, useLooksVersion } from './graphView.ts'
import type { Layout } from './layout.ts'
import { type RunLooks, worstMark } from './looks.ts'
import css from './MiniMap.module.css'
import type { Scene } from './scene.ts'
import { words } from './words.ts'

const WIDTH = 168
const MAX_HEIGHT = 112
/** Of the picture, px: the map leaves most of it free. */
const SHARE = 0.18
/** In a lower picture the map would hide cards and not help to find them, px. */
const LOW = 360

interface Props {
  readonly scene: Scene
  readonly layout: Layout
}

/** The whole graph in the corner, in the colours of its states; shown while not all of it is in view and there is room. */
export function MiniMap({ scene, layout }: Props): ReactNode {
  const w = useWords(words)
  const flow = useReactFlow()
  const [x, y, zoom] = useStore((store) => store.transform)
  const screen = { width: useStore((store) => store.width), height: useStore((store) => store.height) }
  const scale = Math.min(
    Math.min(WIDTH, screen.width * SHARE) / layout.width,
    Math.min(MAX_HEIGHT, screen.height * 2 * SHARE) / layout.height,
  )
  const needless =
    screen.height < LOW ||
    (x >= -1 &&
      y >= -1 &&
      x + layout.width * zoom <= screen.width + 1 &&
      y + layout.height * zoom <= screen.height + 1)
  const go = (event: React.PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const at = { x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale }
    void flow.setViewport(centred(screen, at, zoom))
  }
  const left = Math.max(0, -x / zoom)
  const top = Math.max(0, -y / zoom)
  return (
    <div
      className={css['map']}
      role="img"
      aria-label={w.map}
      title={w.map}
      hidden={needless}
      style={{ width: Math.ceil(layout.width * scale), height: Math.ceil(layout.height * scale) }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        go(event)
      }}
      onPointerMove={(event) => {
        if (event.buttons > 0) go(event)
      }}
    >
      {!needless && <Dots scene={scene} layout={layout} scale={scale} />}
      <div
        className={css['window']}
        style={{
          transform: `translate(${left * scale}px, ${top * scale}px)`,
          width: Math.max(4, Math.min(layout.width, (screen.width - x) / zoom) - left) * scale,
          height: Math.max(4, Math.min(layout.height, (screen.height - y) / zoom) - top) * scale,
        }}
      />
    </div>
  )
}

function Dots({ scene, layout, scale }: Props & { readonly scale: number }): ReactNode {
  const { looks } = useGraph()
  const canvas = useRef<HTMLCanvasElement>(null)
  const version = useLooksVersion(400)
  const theme = usePreference('theme')
  useEffect(() => {
    void version
    void theme
    if (canvas.current !== null) draw(canvas.current, scene, layout, scale, looks)
  }, [version, theme, scene, layout, scale, looks])
  return <canvas ref={canvas} className={css['dots']} />
}

function draw(canvas: HTMLCanvasElement, scene: Scene, layout: Layout, scale: number, looks: RunLooks): void {
  const pen = canvas.getContext('2d')
  if (pen === null) return
  const dots = window.devicePixelRatio
  canvas.width = Math.ceil(layout.width * scale * dots)
  canvas.height = Math.ceil(layout.height * scale * dots)
  const style = getComputedStyle(canvas)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`)
  pen.scale(scale * dots, scale * dots)
  pen.fillStyle = colour('line')
  for (const box of layout.lanes) pen.fillRect(box.x, box.y, box.width, box.height)
  scene.units.forEach((unit, i) => {
    const { x, y } = layout.nodes[i]!
    if (unit.kind === 'gate') {
      pen.fillStyle = colour('muted')
      pen.fillRect(x, y, 188, Math.max(24, 1.5 / scale))
      return
    }
    const mark =
      unit.kind === 'task' ? looks.get(unit.task).status.mark : worstMark(countOf(looks, unit.tasks))
    pen.fillStyle = colour(mark)
    pen.fillRect(x, y, 188, Math.max(48, 1.5 / scale))
  })
}
