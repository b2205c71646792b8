import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeText } from './lib/files.ts'
import { root } from './lib/project.ts'
import { seededStore } from './lib/seed.ts'

/** Starts the build in `dist` on a database of its own, for looking around: http://127.0.0.1:8080. */
const database = join(root, 'var', 'look-around.db')
if (!existsSync(database)) {
  writeText(join(root, 'var', 'README'), 'Databases of this machine. Delete what you like.\n')
  seededStore(database).database.close()
}
spawn(process.execPath, [join(root, 'dist', 'api', 'main.js')], {
  env: { PORT: '8080', ...process.env, DATABASE: database },
  stdio: 'inherit',
})
