import type { DoorMcp } from '../door/door.ts'

/** The door's `POST /mcp`. The server and the package it stands on are loaded by the first call. */
export const mcp: DoorMcp = async (...call) => {
  const { answerMcp } = await import('./http.ts')
  return answerMcp(...call)
}
