import { userInfo } from 'node:os'

/** The person this program runs for. In containers a user may have a number and no name. */
export function personName(): string {
  try {
    return userInfo().username
  } catch {
    return process.env['USER'] || `user-${process.getuid?.() ?? 0}`
  }
}
