import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Colour, type Painting, paint } from './png.ts'
import { arc, both, CLEAR, colour, disc, line, plate, type Shape, triangle, without } from './shapes.ts'

/**
 * `npm run icons`: draws the program's icons from the look's colours and shapes.
 *
 *   app.png                      the program, 1,024 pixels; packaging makes the other formats of it
 *   tray-<look>-<size>[@2x].png  the tray, for each of the desktop's looks
 *   tray-<look>-16Template…      the same for macOS, which gives them its own colour
 */
const COLOURS = {
  background: colour('#0c0f13'),
  edge: colour('#2f3844'),
  accent: colour('#7aa7ff'),
  running: colour('#4fc3f7'),
  idle: colour('#8b97a6'),
  'needs-you': colour('#ffd166'),
  incident: colour('#ff6b6b'),
} as const

interface Layer {
  readonly shape: Shape
  readonly colour: Colour
  /** Makes a mark readable on a light panel; left out where the system gives the colour. */
  readonly under?: true
}

/** Idle: the tiers of a house, at rest. The others are the glyphs of the look, one shape a state. */
const TRAY: Readonly<Record<string, readonly Layer[]>> = {
  idle: [
    {
      shape: both(arc(8, 12.4, 6.6, 1.7, 0.75, 1.25), arc(8, 12.4, 3.4, 1.7, 0.75, 1.25), disc(8, 12.2, 1.3)),
      colour: COLOURS.idle,
    },
  ],
  running: [
    { shape: arc(8, 8, 6, 2), colour: [...COLOURS.running.slice(0, 3), 0.35] as unknown as Colour },
    { shape: both(arc(8, 8, 6, 2, 0, 0.62), disc(8, 8, 2.2)), colour: COLOURS.running },
  ],
  'needs-you': [
    { shape: triangle(2.8, 14, 6, 1.1), colour: COLOURS.background, under: true },
    {
      shape: without(triangle(0.8, 14.8, 7.6, 1.1), both(line(8, 6, 8, 9.4, 1.7), disc(8, 12, 1))),
      colour: COLOURS['needs-you'],
    },
  ],
  incident: [
    { shape: disc(8, 8, 6.5), colour: COLOURS.background, under: true },
    {
      shape: without(disc(8, 8, 7.2), both(line(5.4, 5.4, 10.6, 10.6, 1.8), line(10.6, 5.4, 5.4, 10.6, 1.8))),
      colour: COLOURS.incident,
    },
  ],
}

/** The mark: three tiers around a stage, on a plate. */
const APP: readonly Layer[] = [
  { shape: plate(0.9, 15.1, 3.4), colour: COLOURS.edge },
  { shape: plate(0.98, 15.02, 3.33), colour: COLOURS.background },
  { shape: arc(8, 10.9, 5.1, 1.05, 0.75, 1.25), colour: COLOURS.accent },
  { shape: arc(8, 10.9, 2.95, 1.05, 0.75, 1.25), colour: COLOURS.running },
  { shape: disc(8, 10.6, 1.05), colour: COLOURS['needs-you'] },
]

const SIZES = [16, 22, 32] as const

function painting(layers: readonly Layer[], size: number, only?: Colour): Painting {
  return (x, y) => {
    const [gx, gy] = [(x * 16) / size, (y * 16) / size]
    const layer = layers.findLast(({ shape, under }) => !(under && only) && shape(gx, gy))
    if (layer === undefined) return CLEAR
    return only === undefined ? layer.colour : [only[0], only[1], only[2], layer.colour[3]]
  }
}

export function icons(): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>([['app.png', paint(1_024, painting(APP, 1_024))]])
  const black: Colour = [0, 0, 0, 1]
  for (const [look, layers] of Object.entries(TRAY)) {
    for (const size of SIZES) {
      files.set(`tray-${look}-${size}.png`, paint(size, painting(layers, size)))
      files.set(`tray-${look}-${size}@2x.png`, paint(size * 2, painting(layers, size * 2)))
    }
    files.set(`tray-${look}-16Template.png`, paint(16, painting(layers, 16, black)))
    files.set(`tray-${look}-16Template@2x.png`, paint(32, painting(layers, 32, black)))
  }
  return files
}

if (import.meta.main) {
  const folder = import.meta.dirname
  for (const [name, png] of icons()) writeFileSync(join(folder, name), png)
}
