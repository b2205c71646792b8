import { type Measurement, MOST_NAMED } from '../domain/gates/gate.ts'
import { oneLine, type Report, UnreadableReport } from './report.ts'
import { countOf, readXml } from './xml.ts'

/**
 * JUnit's XML, as Vitest, Pytest, Jest, Gradle and most others write it: `testsuites` of `testsuite` of `testcase`, each
 * with `failure`, `error` or `skipped` in it. There is no standard; https://github.com/testmoapp/junitxml describes
 * what is usual. Suites may be in suites.
 */
type Tests = Extract<Measurement, { kind: 'junit' }>

interface Suite {
  /** What it says of itself, with the suites in it; undefined where it does not. */
  readonly declared: { readonly tests: number | undefined; readonly bad: number | undefined }
  cases: number
  bad: number
}

interface Case {
  readonly name: string
  outcome: 'passed' | 'failed' | 'skipped'
}

export async function readJunit(reports: readonly Report[]): Promise<Tests> {
  const sum = { passed: 0, failed: 0, skipped: 0, names: [] as string[] }
  for (const report of reports) {
    const reader = new Reader(report)
    await readXml(report, reader)
    const { passed, failed, skipped, names } = reader.result()
    sum.passed += passed
    sum.failed += failed
    sum.skipped += skipped
    sum.names.push(...names.slice(0, MOST_NAMED - sum.names.length))
  }
  return { kind: 'junit', ...sum }
}

class Reader {
  readonly #report: Report
  readonly #suites: Suite[] = []
  #case: Case | undefined
  #root: string | undefined
  #passed = 0
  #failed = 0
  #skipped = 0
  readonly #names: string[] = []

  constructor(report: Report) {
    this.#report = report
  }

  readonly open = (name: string, attributes: Readonly<Record<string, string>>): void => {
    if (this.#root === undefined) {
      if (name !== 'testsuites' && name !== 'testsuite')
        throw this.#wrong(`its first element is ${oneLine(name)}`)
      this.#root = name
    }
    switch (name) {
      case 'testsuites':
      case 'testsuite':
        this.#suites.push({ declared: this.#declared(attributes), cases: 0, bad: 0 })
        return
      case 'testcase':
        if (this.#case !== undefined) throw this.#wrong('a testcase is within another')
        this.#case = { name: caseName(attributes), outcome: 'passed' }
        return
      case 'failure':
      case 'error':
        // A suite can fail by itself: what it declares then is more than its cases have.
        if (this.#case !== undefined) this.#case.outcome = 'failed'
        else this.#note(1, 'a suite failed by itself')
        return
      case 'skipped':
        if (this.#case?.outcome === 'passed') this.#case.outcome = 'skipped'
        return
    }
  }

  readonly close = (name: string): void => {
    if (name === 'testcase') this.#endCase()
    else if (name === 'testsuite' || name === 'testsuites') this.#endSuite()
  }

  result(): Tests {
    if (this.#root === undefined) throw this.#wrong('it is empty')
    const [passed, failed, skipped] = [this.#passed, this.#failed, this.#skipped]
    return { kind: 'junit', passed, failed, skipped, names: this.#names }
  }

  #endCase(): void {
    const { name, outcome } = this.#case!
    this.#case = undefined
    const suite = this.#suites.at(-1)
    if (suite === undefined) throw this.#wrong('a testcase is in no suite')
    suite.cases++
    if (outcome === 'passed') this.#passed++
    else if (outcome === 'skipped') this.#skipped++
    else this.#note(1, name)
  }

  /** What a suite says failed and shows no case of has failed all the same. */
  #endSuite(): void {
    const { declared, cases, bad } = this.#suites.pop()!
    const hidden = (declared.bad ?? 0) - bad
    if (hidden > 0) this.#note(hidden, 'told of by its suite only', false)
    const all = Math.max(bad, declared.bad ?? 0)
    if (declared.tests !== undefined && declared.tests > 0 && cases === 0)
      throw this.#wrong(`a suite tells of ${declared.tests} tests and shows none`)
    const outer = this.#suites.at(-1)
    if (outer === undefined) return
    outer.cases += cases
    outer.bad += all
  }

  #note(count: number, name: string, counts = true): void {
    this.#failed += count
    const suite = this.#suites.at(-1)
    if (counts && suite !== undefined) suite.bad += count
    if (this.#names.length < MOST_NAMED) this.#names.push(name)
  }

  #declared(attributes: Readonly<Record<string, string>>): Suite['declared'] {
    const [tests, failures, errors] = ['tests', 'failures', 'errors'].map((name) =>
      countOf(attributes, name, this.#report),
    )
    const isSilent = failures === undefined && errors === undefined
    return { tests, bad: isSilent ? undefined : (failures ?? 0) + (errors ?? 0) }
  }

  #wrong(what: string): UnreadableReport {
    return new UnreadableReport(`${this.#report.path} is not a JUnit report: ${what}`)
  }
}

function caseName(attributes: Readonly<Record<string, string>>): string {
  const { classname = '', name = '' } = attributes
  return oneLine([classname, name].filter((part) => part !== '').join(' › ')) || 'a test without a name'
}
