import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, writeText } from '../lib/files.ts'
import { moveCallers } from '../lib/moveCallers.ts'
import { output } from '../lib/output.ts'

const CALLERS = 'api/library'

/** Moves the library's code to the typed layer. Running it again finds nothing left to do. */
let [files, calls] = [0, 0]
for (const path of filesBelow(CALLERS)) {
  const file = join(CALLERS, path)
  const moved = moveCallers(readFileSync(file, 'utf8'))
  if (moved.calls === 0) continue
  writeText(file, moved.text)
  console.log(`${file}: ${moved.calls} calls`)
  files += 1
  calls += moved.calls
}
console.log(`${calls} calls in ${files} files moved to the typed layer`)
output({ files, calls })
