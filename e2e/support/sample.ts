import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT_ROOT } from './amphi.ts'
import { commitAll, type Playground, playground } from './repository.ts'

/** A repository of the sample project, as a newcomer has it. */
export function bookshelf(): Playground {
  const place = playground({ 'placeholder.txt': '' })
  cpSync(join(PROJECT_ROOT, 'resources/samples/bookshelf'), place.root, { recursive: true })
  commitAll(place.root, 'bookshelf')
  return place
}
