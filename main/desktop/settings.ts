import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

/** What the desktop remembers by itself. Nothing of it matters enough to trouble anybody when it is lost. */
const settingsSchema = z.object({
  window: z
    .object({
      x: z.int(),
      y: z.int(),
      width: z.int().positive(),
      height: z.int().positive(),
      maximized: z.boolean(),
    })
    .optional()
    .catch(undefined),
  /** The person has been told that closing the window leaves the program in the tray. */
  toldOfTray: z.boolean().catch(false).default(false),
  /** People were told of every call up to then, engine ms; missing before the first start. */
  calledUntil: z.number().optional().catch(undefined),
})

export type Settings = z.infer<typeof settingsSchema>

export interface SettingsFile {
  readonly settings: Settings
  /** Writes at once; where that is not possible the change lasts until the program ends. */
  update(change: Partial<Settings>): void
}

/** A missing or damaged file is as if nothing had been remembered. */
export function openSettings(file: string): SettingsFile {
  let settings = read(file)
  return {
    get settings() {
      return settings
    },
    update(change) {
      settings = { ...settings, ...change }
      write(file, settings)
    },
  }
}

function read(file: string): Settings {
  try {
    const checked = settingsSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (checked.success) return checked.data
  } catch {
    // Nothing remembered.
  }
  return { toldOfTray: false }
}

/** In whole: a crash in the middle leaves the old one. */
function write(file: string, settings: Settings): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, JSON.stringify(settings, null, 2))
    renameSync(`${file}.new`, file)
  } catch {
    // A full or read-only disk: it is only where the window was.
  }
}
