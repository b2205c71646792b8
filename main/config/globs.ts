export { globFault, pathFault } from '../domain/locks/glob/globFault.ts'

/** The folders in front of the first wildcard, `src/api` of `src/api/**`: what can be looked up on a disk. */
export function staticPrefix(glob: string): string {
  const steps = glob.split('/')
  const wild = steps.findIndex((step) => /[*?[\]{}()!+@|]/.test(step))
  return steps.slice(0, wild === -1 ? steps.length : wild).join('/')
}
