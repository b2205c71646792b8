import { Covered, type Metrics } from './covered.ts'
import { type Report, textOf, UnreadableReport } from './report.ts'

/**
 * LCOV tracefiles, as geninfo(1) has them. What a record counts line by line is counted anew and joined over all
 * reports, so that a file covered by two runs counts once; the sums it gives (`LF`, `LH`) count where it has no lines.
 */
export async function readLcov(reports: readonly Report[]): Promise<Metrics> {
  const covered = new Covered()
  for (const report of reports) await readOne(report, covered)
  return covered.result()
}

const BATCH = 20_000

async function readOne(report: Report, covered: Covered): Promise<void> {
  const lines = textOf(report).split('\n')
  let record: Record | undefined
  for (let i = 0; i < lines.length; i++) {
    if (i % BATCH === BATCH - 1) await new Promise((resolve) => setImmediate(resolve))
    const line = lines[i]!.trimEnd()
    const wrong = (): UnreadableReport =>
      new UnreadableReport(`${report.path}:${i + 1} is not understood as LCOV`)
    if (line === '' || line.startsWith('#')) continue
    if (line === 'end_of_record') {
      if (record === undefined) throw wrong()
      record.end()
      record = undefined
      continue
    }
    const [, key, value] = /^([A-Z]{1,5}):(.*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) throw wrong()
    if (key === 'TN') continue
    if (key === 'SF') {
      if (record !== undefined || value === '') throw wrong()
      record = new Record(value, covered)
    } else if (record === undefined || !record.take(key, value)) throw wrong()
  }
  if (record !== undefined) throw new UnreadableReport(`${report.path} ends within a record: it is cut off`)
}

/** Its sums, where it counts nothing itself. */
const SUMS = { LF: 'lines', BRF: 'branches', FNF: 'functions' } as const
const HITS = { LH: 'lines', BRH: 'branches', FNH: 'functions' } as const

class Record {
  readonly #file: string
  readonly #covered: Covered
  readonly #counted = new Set<keyof Metrics>()
  readonly #found = new Map<keyof Metrics, number>()
  readonly #hit = new Map<keyof Metrics, number>()

  constructor(file: string, covered: Covered) {
    this.#file = file
    this.#covered = covered
  }

  /** False for what is not understood; what counts nothing is passed over. */
  take(key: string, value: string): boolean {
    switch (key) {
      case 'DA':
        return this.#count('lines', /^(\d+),(-?\d+)/.exec(value))
      case 'BRDA':
        return this.#count('branches', /^(\d+,[^,]*,[^,]*),(-|\d+)$/.exec(value))
      case 'FNDA': {
        const [, hits, name] = /^(\d+),(.+)$/.exec(value) ?? []
        if (hits === undefined || name === undefined) return false
        return this.#add('functions', name, Number(hits))
      }
      case 'FNA': {
        const [, index, hits] = /^(\d+),(\d+),/.exec(value) ?? []
        if (index === undefined) return false
        return this.#add('functions', `#${index}`, Number(hits))
      }
      case 'LF':
      case 'BRF':
      case 'FNF':
        return sum(this.#found, SUMS[key], value)
      case 'LH':
      case 'BRH':
      case 'FNH':
        return sum(this.#hit, HITS[key], value)
      default:
        return true
    }
  }

  end(): void {
    for (const [metric, total] of this.#found)
      if (!this.#counted.has(metric)) this.#covered.sums(metric, this.#hit.get(metric) ?? 0, total)
  }

  #count(metric: keyof Metrics, match: RegExpExecArray | null): boolean {
    if (match === null) return false
    const hits = match[2] === '-' ? 0 : Number(match[2])
    return this.#add(metric, match[1]!, hits)
  }

  #add(metric: keyof Metrics, what: string, hits: number): boolean {
    this.#counted.add(metric)
    this.#covered.add(metric, `${this.#file}\n${what}`, hits > 0)
    return true
  }
}

function sum(into: Map<keyof Metrics, number>, metric: keyof Metrics, value: string): boolean {
  if (!/^\d{1,12}$/.test(value)) return false
  into.set(metric, Number(value))
  return true
}
