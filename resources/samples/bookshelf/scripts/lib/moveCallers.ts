export interface MovedFile {
  readonly text: string
  /** Calls that were rewritten; 0 where nothing was left to do. */
  readonly calls: number
}

const CALL = /\b(?:many|one|run)(?:<(?:[^<>()]|<[^<>]*>)*>)?\(store, '(\w+)'/g
const IMPORT = /^import \{ [\w, ]+ \} from '\.\.\/queries\/byName\.ts'$/m

/** Moves a file from queries by name to the typed layer: `one<Book>(store, 'findBook', …)` to `queries.findBook(store, …)`. */
export function moveCallers(text: string): MovedFile {
  if (!IMPORT.test(text)) return { text, calls: 0 }
  let calls = 0
  const moved = text
    .replace(IMPORT, "import * as queries from '../queries/typed.ts'")
    .replaceAll(CALL, (_, name: string) => {
      calls += 1
      return `queries.${name}(store`
    })
  return { text: moved, calls }
}
