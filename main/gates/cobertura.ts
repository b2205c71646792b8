import { Covered, type Metrics } from './covered.ts'
import { oneLine, type Report, UnreadableReport } from './report.ts'
import { countOf, readXml } from './xml.ts'

/**
 * Cobertura's XML (coverage-04.dtd), as coverage.py, Vitest and others write it. Counted line by line from the classes,
 * not taken from the rates at its head. Lines of a method stand in its class too, so those only tell of the method.
 */
export async function readCobertura(reports: readonly Report[]): Promise<Metrics> {
  const covered = new Covered()
  for (const report of reports) await readXml(report, new Reader(report, covered))
  return covered.result()
}

class Reader {
  readonly #report: Report
  readonly #covered: Covered
  #root = false
  /** Undefined outside of a class. */
  #file: string | undefined
  /** Undefined outside of a method. */
  #method: { readonly name: string; isHit: boolean } | undefined

  constructor(report: Report, covered: Covered) {
    this.#report = report
    this.#covered = covered
  }

  readonly open = (name: string, attributes: Readonly<Record<string, string>>): void => {
    if (!this.#root && name !== 'coverage') {
      const { path } = this.#report
      throw new UnreadableReport(`${path} is not a Cobertura report: its first element is ${oneLine(name)}`)
    }
    this.#root = true
    if (name === 'class') this.#file = attributes['filename'] ?? attributes['name'] ?? ''
    else if (name === 'method') {
      const { name: method = '', signature = '' } = attributes
      this.#method = {
        name: `${method}${signature}`,
        isHit: (countOf(attributes, 'hits', this.#report) ?? 0) > 0,
      }
    } else if (name === 'line' && this.#file !== undefined) this.#line(this.#file, attributes)
  }

  readonly close = (name: string): void => {
    if (name === 'class') this.#file = undefined
    if (name !== 'method' || this.#method === undefined) return
    this.#covered.add('functions', `${this.#file ?? ''}\n${this.#method.name}`, this.#method.isHit)
    this.#method = undefined
  }

  #line(file: string, attributes: Readonly<Record<string, string>>): void {
    const number = countOf(attributes, 'number', this.#report)
    const hits = countOf(attributes, 'hits', this.#report)
    if (number === undefined || hits === undefined)
      throw new UnreadableReport(`a line in ${this.#report.path} has no number or no hits`)
    if (this.#method !== undefined) {
      if (hits > 0) this.#method.isHit = true
      return
    }
    this.#covered.add('lines', `${file}\n${number}`, hits > 0)
    if (attributes['branch']?.toLowerCase() !== 'true') return
    // `50% (1/2)`
    const [, taken, all] = /\((\d{1,9})\/(\d{1,9})\)/.exec(attributes['condition-coverage'] ?? '') ?? []
    if (all === undefined)
      throw new UnreadableReport(
        `line ${number} in ${this.#report.path} does not say which branches are covered`,
      )
    for (let i = 0; i < Math.min(Number(all), MOST_BRANCHES); i++)
      this.#covered.add('branches', `${file}\n${number}\n${i}`, i < Number(taken))
  }
}

/** Of one line; more would only fill the memory. */
const MOST_BRANCHES = 10_000
