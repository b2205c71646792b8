import { crc32, deflateSync } from 'node:zlib'

/** Red, green, blue and opacity, 0 to 1. */
export type Colour = readonly [number, number, number, number]

/** An image as a function: the colour at a point, in pixels from the top left corner. */
export type Painting = (x: number, y: number) => Colour

/** Points asked for in each pixel, across and down. */
const SAMPLES = 8

/** A PNG of `size` by `size` pixels, edges smoothed. */
export function paint(size: number, painting: Painting): Buffer {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [red, green, blue, alpha] = average(painting, x, y)
      const at = y * (size * 4 + 1) + 1 + x * 4
      rows[at] = Math.round(red * 255)
      rows[at + 1] = Math.round(green * 255)
      rows[at + 2] = Math.round(blue * 255)
      rows[at + 3] = Math.round(alpha * 255)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  // Eight bits a channel, colour with opacity.
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = deflateSync(rows, { level: 9 })
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Colours are weighed by their opacity, so that edges do not darken. */
function average(painting: Painting, x: number, y: number): Colour {
  const sum = [0, 0, 0, 0]
  for (let i = 0; i < SAMPLES; i++) {
    for (let j = 0; j < SAMPLES; j++) {
      const [red, green, blue, alpha] = painting(x + (i + 0.5) / SAMPLES, y + (j + 0.5) / SAMPLES)
      sum[0]! += red * alpha
      sum[1]! += green * alpha
      sum[2]! += blue * alpha
      sum[3]! += alpha
    }
  }
  const alpha = sum[3]!
  if (alpha === 0) return [0, 0, 0, 0]
  return [sum[0]! / alpha, sum[1]! / alpha, sum[2]! / alpha, alpha / SAMPLES ** 2]
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
