/** Of a path that somebody unknown named: why it is none of ours; null when it stays where it is looked up. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'it is empty'
  if (Buffer.byteLength(path) > 1_000) return 'it is longer than 1,000 bytes'
  if (/[\p{Cc}\\]/u.test(path)) return 'it holds control characters or backslashes'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'it is not relative'
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return 'it has empty parts, or leaves its folder'
  return null
}
