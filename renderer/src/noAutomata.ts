/**
 * Stands for refa in the pages (electron.vite.config.ts), which would double what a browser has to fetch. The engine
 * decides with the real one; here what only an automaton can tell counts as an overlap (main/domain/locks/glob).
 */
export class TooManyNodesError extends Error {}

const notHere = (): never => {
  throw new TooManyNodesError('the pages have no automata')
}

export const CharSet = { fromCharacter: notHere, empty: notHere }
export const NFA = { emptyWord: notHere, empty: notHere, fromCharSet: notHere, fromIntersection: notHere }
export const DFA = { fromFA: notHere }
export const isDisjointWith = notHere
