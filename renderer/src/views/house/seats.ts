/**
 * Where the seats of an amphitheatre stand: half rings around a stage, the first tier innermost. Pure; the same tiers in
 * the same box give the same house. Lengths are in the box's pixels, angles in radians from the left end (0) to the
 * right one (π).
 */

export interface Box {
  readonly width: number
  readonly height: number
}

export interface Seat {
  readonly tier: number
  /** Counted from the stage over all tiers. */
  readonly row: number
  /** Its first member's place in the tier, and how many members share it (1 unless the house is grouped). */
  readonly first: number
  readonly count: number
  readonly angle: number
  readonly x: number
  readonly y: number
}

export interface Band {
  readonly inner: number
  readonly outer: number
}

export interface House {
  /** Of all arcs; `y` is the line the ends of the tiers stand on. */
  readonly centre: { readonly x: number; readonly y: number }
  readonly stage: { readonly y: number; readonly radius: number }
  /** One a tier. */
  readonly bands: readonly Band[]
  /** Tier by tier, row by row from the stage, left to right: the order of the members. */
  readonly seats: readonly Seat[]
  /** Diameter of a seat, and the least distance between two centres. */
  readonly size: number
  readonly pitch: number
  /** Members that share a seat, at most. */
  readonly group: number
}

/** More elements than this are neither told apart nor cheap. */
const MOST_SEATS = 1_000
/** A seat that says how many it stands for needs room for the number. */
const MOST_GROUPS = 400
const LEAST_PITCH = 7
const LEAST_GROUP_PITCH = 26
const GROUPS = [1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1_000, 2_000, 5_000, 10_000]

/** A band is so many pitches thicker than its rows; between bands there is at least so much, in pitches. */
const BAND_PADDING = 0.36
const GAP = 0.5

/** `sizes`: members of each tier, each at least 1. */
export function arrange(sizes: readonly number[], box: Box): House {
  const frame = frameOf(sizes.length, box)
  const all = sum(sizes)
  let best: { readonly group: number; readonly plan: Plan } | undefined
  for (const group of GROUPS) {
    const grouped = sizes.map((size) => Math.ceil(size / group))
    const total = sum(grouped)
    const isLast = total === sizes.length
    if (total > (group === 1 ? MOST_SEATS : MOST_GROUPS) && !isLast) continue
    const plan = packed(grouped, frame, mostPitch(all))
    if (best === undefined || plan.pitch > best.plan.pitch) best = { group, plan }
    if (plan.pitch >= (group === 1 ? LEAST_PITCH : LEAST_GROUP_PITCH) || isLast) break
  }
  const { group, plan } = best!
  return place(sizes, group, plan, frame, box)
}

interface Frame {
  /** From the centre to the end of the outermost tier at most, and to the start of the innermost. */
  readonly outer: number
  readonly inner: number
  readonly stage: number
  /** Below the line of the ends: names of the tiers, the lower part of the stage. */
  readonly foot: number
  readonly margin: number
}

/** The stage stands a little above the line of the ends, as a share of its radius. */
const STAGE_LIFT = 0.2

function frameOf(tiers: number, { width, height }: Box): Frame {
  const margin = Math.min(16, width * 0.03, height * 0.03)
  const side = width / 2 - margin
  const stageFor = (radius: number): number =>
    Math.min(radius * 0.42, Math.max(82, Math.min(118, radius * 0.19)))
  const foot = Math.min(Math.max(44, stageFor(side) * (1 - STAGE_LIFT)), height * 0.3)
  const radius = Math.max(1, Math.min(side, height - margin - foot))
  // A house of one tier is no larger than it needs to be to look like one.
  const outer = radius * Math.min(1, 0.62 + 0.1 * tiers)
  const stage = Math.min(stageFor(outer), foot / (1 - STAGE_LIFT))
  return { outer, inner: Math.max(stage * 1.28, outer * 0.3), stage, foot, margin }
}

/** Small teams sit wider apart. */
function mostPitch(members: number): number {
  return Math.max(34, Math.min(48, 52 - members * 0.3))
}

interface Plan {
  readonly pitch: number
  /** Rows of each tier. */
  readonly rows: readonly number[]
  /** From the stage's side of the first band to the outer side of the last. */
  readonly depth: number
}

/** Seats come this close before a tier is split into more rows: long rows read better than deep ones. */
const CLOSE = 23

/** The widest pitch, in steps of 2 %, with which all tiers fit, in no more rows than close seats need. */
function packed(sizes: readonly number[], frame: Frame, most: number): Plan {
  let pitch = most
  let plan = rowsAt(pitch, sizes, frame)
  while (plan === undefined) {
    pitch *= 0.98
    plan = rowsAt(pitch, sizes, frame)
  }
  const least = rowsAt(CLOSE, sizes, frame)
  while (least !== undefined && pitch * 0.98 > CLOSE && sum(plan.rows) > sum(least.rows)) {
    pitch *= 0.98
    plan = rowsAt(pitch, sizes, frame) ?? plan
  }
  return least !== undefined && sum(plan.rows) > sum(least.rows) ? least : plan
}

/** The rows each tier takes at a pitch; undefined where they do not fit. */
function rowsAt(pitch: number, sizes: readonly number[], { inner, outer }: Frame): Plan | undefined {
  const rows: number[] = []
  let radius = inner
  for (const size of sizes) {
    radius += (pitch * BAND_PADDING) / 2
    let seats = 0
    let count = 0
    while (seats < size && radius <= outer) {
      seats += capacity(radius + pitch / 2, pitch)
      radius += pitch
      count += 1
    }
    if (seats < size) return undefined
    rows.push(count)
    radius += (pitch * BAND_PADDING) / 2 + pitch * GAP
  }
  const depth = radius - pitch * GAP - inner
  return inner + depth <= outer ? { pitch, rows, depth } : undefined
}

/** Seats on a half circle with at least `pitch` between centres, the outermost half a pitch above its ends. */
function capacity(radius: number, pitch: number): number {
  const half = pitch / 2 / radius
  return half > 1 ? 0 : Math.floor(Math.PI / 2 / Math.asin(half) + 1e-9)
}

/** Share of the free height that is left above the house, where what calls for a person is listed. */
const ABOVE = 0.6

/** Room left over goes to bands and gaps alike, so far as that looks well. */
function place(sizes: readonly number[], group: number, plan: Plan, frame: Frame, box: Box): House {
  const { pitch } = plan
  const spare = (frame.outer - frame.inner - plan.depth) / sizes.length
  const bands: Band[] = []
  const radii: number[][] = []
  let radius = frame.inner
  plan.rows.forEach((rows) => {
    const widening = Math.min(spare * 0.4, pitch * 0.3 * rows)
    const thickness = pitch * (rows + BAND_PADDING) + widening
    const step = pitch + widening / (rows + 1)
    const first = radius + thickness / 2 - (step * (rows - 1)) / 2
    radii.push(Array.from({ length: rows }, (_, row) => first + row * step))
    bands.push({ inner: radius, outer: radius + thickness })
    radius += thickness + pitch * GAP + Math.min(spare - widening, pitch * 1.2)
  })
  const outer = bands.at(-1)!.outer
  const used = outer + frame.foot
  const centre = {
    x: box.width / 2,
    y: Math.max(frame.margin, (box.height - used) * ABOVE) + outer,
  }
  const seats = seatsOf(sizes, group, radii, pitch, centre)
  const stage = { y: centre.y - frame.stage * STAGE_LIFT, radius: frame.stage }
  return { centre, stage, bands, seats, size: pitch * (group === 1 ? fill(pitch) : 0.86), pitch, group }
}

/** Share of the pitch a seat takes: dense houses leave less air. */
function fill(pitch: number): number {
  return Math.max(0.56, Math.min(0.84, 0.84 - (pitch - 14) * 0.014))
}

function seatsOf(
  sizes: readonly number[],
  group: number,
  radii: readonly (readonly number[])[],
  pitch: number,
  centre: { readonly x: number; readonly y: number },
): readonly Seat[] {
  const seats: Seat[] = []
  let row = 0
  sizes.forEach((size, tier) => {
    const rows = radii[tier]!
    const counts = spread(
      Math.ceil(size / group),
      rows.map((radius) => capacity(radius, pitch)),
    )
    let first = 0
    counts.forEach((count, n) => {
      for (let i = 0; i < count; i++) {
        const angle = ((i + 0.5) / count) * Math.PI
        const x = centre.x - rows[n]! * Math.cos(angle)
        const y = centre.y - rows[n]! * Math.sin(angle)
        seats.push({ tier, row, first, count: Math.min(group, size - first), angle, x, y })
        first += group
      }
      if (count > 0) row += 1
    })
  })
  return seats
}

/** `total` over rows in proportion to what they hold, none over its limit. */
function spread(total: number, limits: readonly number[]): readonly number[] {
  const whole = sum(limits)
  const exact = limits.map((limit) => (total * limit) / whole)
  const counts = exact.map(Math.floor)
  const byRest = limits.map((_, i) => i).sort((a, b) => exact[b]! - counts[b]! - (exact[a]! - counts[a]!))
  let left = total - sum(counts)
  for (const i of byRest) {
    if (left === 0) break
    if (counts[i]! >= limits[i]!) continue
    counts[i]! += 1
    left -= 1
  }
  return counts
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
