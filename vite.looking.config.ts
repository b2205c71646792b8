import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The control center on an engine inside the page, for looking at views: `npx vite -c vite.looking.config.ts`. */
export default defineConfig({
  root: 'renderer',
  plugins: [react()],
  server: { host: '127.0.0.1', port: 5199, strictPort: true },
  cacheDir: '../node_modules/.vite-looking',
})
