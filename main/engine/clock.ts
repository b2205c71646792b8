import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Store } from './ports/store.ts'

/**
 * Engine time. It starts from the wall clock, then follows the machine's uptime, so that a clock set forward or
 * back expires nothing. Across a restart in the same boot it goes on as if the engine had never been away; after a
 * reboot it continues from the last event, moved by what the wall clock says passed, within bounds.
 */
export interface ClockSource {
  /** Wall clock, ms since 1970. */
  wall(): number
  /** Ms since the machine started; never goes back while it is up. */
  uptime(): number
  /** Changes with each start of the machine. */
  bootId(): string
}

export interface Anchor {
  readonly boot: string
  readonly uptime: number
  readonly wall: number
  /** Engine time at that moment. */
  readonly time: number
}

/** Longest time the machine is believed to have been off; a clock that says more is taken to be wrong. */
export const MAX_OFF_MS = 7 * 24 * 3_600_000

const ANCHOR_KEY = 'clock-anchor'

export function nextAnchor(source: ClockSource, last: Anchor | undefined, lastEventTime: number): Anchor {
  const [boot, up, wall] = [source.bootId(), source.uptime(), source.wall()]
  return {
    boot,
    uptime: up,
    wall,
    time: Math.max(lastEventTime, startTime(boot, up, wall, last, lastEventTime)),
  }
}

function startTime(
  boot: string,
  up: number,
  wall: number,
  last: Anchor | undefined,
  lastEventTime: number,
): number {
  if (last === undefined) return wall
  if (last.boot === boot && up >= last.uptime) return last.time + (up - last.uptime)
  const base = Math.max(last.time, lastEventTime)
  const off = wall - (last.wall + (base - last.time))
  return base + Math.min(Math.max(0, off), MAX_OFF_MS)
}

/** Engine time from an anchor on, in whole ms. */
export function clockFrom(anchor: Anchor, source: ClockSource): { now(): number } {
  let latest = anchor.time
  return {
    now: () => {
      const time = Math.floor(anchor.time + (source.uptime() - anchor.uptime))
      if (time > latest) latest = time
      return latest
    },
  }
}

/** Reads the last anchor, writes the new one, and gives the clock. */
export async function openClock(
  store: Store,
  source: ClockSource,
  lastEventTime: number,
): Promise<{ now(): number }> {
  const stored = await store.getMeta(ANCHOR_KEY)
  const anchor = nextAnchor(
    source,
    stored === undefined ? undefined : (JSON.parse(stored) as Anchor),
    lastEventTime,
  )
  await store.setMeta(ANCHOR_KEY, JSON.stringify(anchor))
  return clockFrom(anchor, source)
}

/** The machine's own clocks. Between two readings of the uptime the process's monotonic clock fills in. */
export function systemClockSource(): ClockSource {
  const startUptime = uptime() * 1000
  const startMonotonic = performance.now()
  return {
    wall: () => Date.now(),
    uptime: () => startUptime + (performance.now() - startMonotonic),
    bootId,
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    // Not Linux: the time of the last start, to the minute, tells one boot from another.
    return `boot-${Math.round((Date.now() - uptime() * 1000) / 60_000)}`
  }
}
