import { buildWeb } from './lib/buildWeb.ts'
import { output } from './lib/output.ts'

const { files, bytes } = buildWeb('dist/web')
console.log(`built ${files.join(', ')} (${bytes} bytes) into dist/web`)
output({ files: files.length, bytes })
