import { join } from 'node:path'
import { readJson } from './files.ts'

/** The sample's top folder; scripts may be started from anywhere. */
export const root = join(import.meta.dirname, '..', '..')

export const version: string = readJson<{ version: string }>(join(root, 'package.json')).version
