import { join } from 'node:path'
import { runDesktop } from './desktop/run.ts'

/**
 * Electron's entry. Words of the command line: a project's folder, an `amphitheatre://` link. AMPHITHEATRE_DATA names
 * the data folder. Runs as a bundle, beside those of the preload and the pages.
 */
const bundles = join(import.meta.dirname, '..')
runDesktop({
  bundles,
  icons: join(bundles, '../resources/icons'),
  engineThread: join(import.meta.dirname, 'engineThread.js'),
  supervisor: join(import.meta.dirname, 'supervisor.js'),
})
