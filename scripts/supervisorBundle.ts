import { join } from 'node:path'
import { build } from 'vite'
import { sourceAddresses } from './sourceAddresses.ts'

/**
 * Builds the supervisor of the process runner's agents into one file beside the main process's: it is run from
 * outside of a package's archive, where chunks it shared with others would not be.
 */
export function supervisorBundle(root: string): {
  readonly name: string
  closeBundle(): Promise<void>
} {
  return {
    name: 'supervisor-bundle',
    async closeBundle() {
      await build({
        root,
        configFile: false,
        logLevel: 'warn',
        plugins: [sourceAddresses(root)],
        build: {
          ssr: join(root, 'main/runners/process/supervisor.ts'),
          outDir: join(root, 'out/main'),
          emptyOutDir: false,
          target: 'node24',
          rollupOptions: { output: { format: 'es', entryFileNames: 'supervisor.js', codeSplitting: false } },
        },
      })
    },
  }
}
