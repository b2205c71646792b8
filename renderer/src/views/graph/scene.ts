/** What is drawn: units (a card each) in lanes, and edges between them. Numbers index `units`. */
export interface Scene {
  readonly lanes: readonly SceneLane[]
  readonly units: readonly Unit[]
  readonly edges: readonly SceneEdge[]
  /** The unit that shows each task. */
  readonly unitOfTask: readonly number[]
  /** For edges between tasks that lead through gates (`wayKey`): the units on the way. */
  readonly ways?: ReadonlyMap<string, readonly number[]>
}

export interface SceneLane {
  readonly title: string
  readonly folded: boolean
  /** Tasks in it, drawn or folded. */
  readonly count: number
}

export type Unit =
  | { readonly kind: 'task'; readonly id: string; readonly lane: number; readonly task: number }
  | {
      readonly kind: 'group'
      readonly id: string
      readonly lane: number
      readonly by: GroupBy
      readonly tasks: readonly number[]
    }
  | {
      /** The gates of one place (`gatePlaceKey`), between what they hold and what follows. */
      readonly kind: 'gate'
      readonly id: string
      readonly lane: number
      readonly names: readonly string[]
    }
  | {
      readonly kind: 'role'
      readonly id: string
      readonly lane: number
      /** Place in `plan.roles`. */
      readonly role: number
      readonly tasks: readonly number[]
    }

/** Why tasks are in one group; `part` counts from 1 where a group too large to open is cut up. */
export type GroupBy =
  | { readonly kind: 'role'; readonly role: string | null; readonly part: Part | null }
  | { readonly kind: 'depth'; readonly depth: number; readonly part: Part | null }
  | { readonly kind: 'all'; readonly part: Part | null }

export interface Part {
  readonly from: number
  readonly to: number
}

export const EDGE_KINDS = ['need', 'soft', 'phase', 'work', 'order', 'asks', 'tells'] as const
/**
 * Of tasks: `need`, `soft`, and `phase` (only the order of phases says so). Of roles: `work` one's tasks feed the
 * other's, `order` the same by phases alone, `asks` the second depends on the first, `tells` the first may message
 * the second.
 */
export type EdgeKind = (typeof EDGE_KINDS)[number]

export interface SceneEdge {
  readonly from: number
  readonly to: number
  readonly kind: EdgeKind
  /** Edges of the graph that this one stands for. */
  readonly count: number
}

/** Edges between units from edges between what they show: the strongest kind of each pair, counted. */
export class EdgeSum {
  readonly #sums = new Map<string, { from: number; to: number; kind: EdgeKind; count: number }>()
  readonly #together: boolean

  /** `together`: one edge a pair, of its strongest kind; else one for each kind. */
  constructor(together: boolean) {
    this.#together = together
  }

  add(from: number, to: number, kind: EdgeKind): void {
    if (from === to) return
    const key = this.#together ? `${from}>${to}` : `${from}>${to}:${kind}`
    const sum = this.#sums.get(key)
    if (sum === undefined) this.#sums.set(key, { from, to, kind, count: 1 })
    else {
      sum.count += 1
      if (EDGE_KINDS.indexOf(kind) < EDGE_KINDS.indexOf(sum.kind)) sum.kind = kind
    }
  }

  edges(): readonly SceneEdge[] {
    return [...this.#sums.values()]
  }
}
