import { SaxesParser } from 'saxes'
import { oneLine, type Report, textOf, UnreadableReport } from './report.ts'

/** Elements within elements; reports of tests and coverage have fewer than ten. */
const MOST_DEPTH = 64
const CHUNK = 256 * 1024

export interface XmlListener {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly close: (name: string) => void
}

/**
 * Goes through an XML report piece by piece, giving way to other work. The parser knows the five entities of XML and
 * no others: what a document declares is not read, so nothing in it can grow, name a file or an address. One that uses
 * such an entity is an error, like anything that is not well formed to its end.
 */
export async function readXml(report: Report, listener: XmlListener): Promise<void> {
  const text = textOf(report)
  const parser = new SaxesParser()
  let depth = 0
  parser.on('error', (error) => {
    throw new UnreadableReport(`${report.path} is not XML: ${oneLine(error.message)}`)
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (++depth > MOST_DEPTH)
      throw new UnreadableReport(`${report.path} has more than ${MOST_DEPTH} elements within each other`)
    listener.open(name, attributes)
  })
  parser.on('closetag', ({ name }) => {
    depth--
    listener.close(name)
  })
  for (let at = 0; at < text.length; at += CHUNK) {
    parser.write(text.slice(at, at + CHUNK))
    await new Promise((resolve) => setImmediate(resolve))
  }
  parser.close()
}

/** A whole number that is not negative; undefined where the attribute is missing. Throws for anything else. */
export function countOf(
  attributes: Readonly<Record<string, string>>,
  name: string,
  { path }: Report,
): number | undefined {
  const text = Object.hasOwn(attributes, name) ? attributes[name]!.trim() : undefined
  if (text === undefined || text === '') return undefined
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new UnreadableReport(`${name}="${oneLine(text)}" in ${path} is not a number`)
}
