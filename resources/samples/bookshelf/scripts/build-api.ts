import { buildApi } from './lib/buildApi.ts'
import { output } from './lib/output.ts'

const { files, version, schema } = buildApi('dist/api')
console.log(`compiled ${files} files of bookshelf ${version}, schema ${schema}, into dist/api`)
output({ version, schema, files })
