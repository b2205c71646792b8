import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { sourceAddresses } from './scripts/sourceAddresses.ts'
import { supervisorBundle } from './scripts/supervisorBundle.ts'

/**
 * What Electron runs: the main process and its engine's thread; the preload; the pages. Beside them the supervisor of
 * the process runner's agents, which Node runs, so that they outlive the program.
 */
export default defineConfig({
  main: {
    plugins: [sourceAddresses(import.meta.dirname), supervisorBundle(import.meta.dirname)],
    build: {
      outDir: 'out/main',
      sourcemap: false,
      rollupOptions: { input: { index: 'main/index.ts', engineThread: 'main/engineThread.ts' } },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload is one CommonJS file with everything in it.
      externalizeDeps: false,
      rollupOptions: {
        input: { index: 'preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    resolve: { alias: { refa: join(import.meta.dirname, 'renderer/src/noAutomata.ts') } },
    build: {
      outDir: 'out/renderer',
      // Browsers fetch these; electron-vite would leave them as they are.
      minify: true,
      rollupOptions: { input: 'renderer/index.html' },
    },
  },
})
