/** As it comes from Docker. */
export type Bytes = AsyncIterable<string | Uint8Array>

/** The values of a stream of JSON objects, one a line. Throws what the stream throws. */
export async function* jsonLines<T>(stream: Bytes): AsyncGenerator<T> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as unknown as Uint8Array, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T
  }
  if (rest.trim() !== '') yield JSON.parse(rest) as T
}
