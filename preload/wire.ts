/**
 * What travels on the WebSocket. The page sends `{id, name, args}` as text. The host answers `{id, ...reply}` and
 * tells `{message, data}`, both as text, and tells output as bytes: the stream's number (4 bytes, big endian), the
 * offset (a float of 8 bytes, big endian: exact to 2^53), then the output itself.
 */

/** Named when connecting, so that a page and a host of different versions do not misunderstand each other. */
export const WIRE_PROTOCOL = 'amphitheatre.pages.1'
/** Before the page's key in the name of a second protocol: a WebSocket can bring nothing else along. */
export const KEY_PROTOCOL = 'amphitheatre.key.'
/** The same key in a request by which a page asks whether it is let in. */
export const KEY_HEADER = 'amphitheatre-key'

/** Bytes before the output. */
const OUTPUT_HEADER = 12

export type Incoming =
  | { readonly id: number; readonly reply: unknown }
  | { readonly message: string; readonly data: unknown }

/** Undefined for what is none of these. */
export function parseText(text: string): Incoming | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  if ('message' in value && typeof value.message === 'string') {
    return { message: value.message, data: 'data' in value ? value.data : undefined }
  }
  return 'id' in value && typeof value.id === 'number' ? { id: value.id, reply: value } : undefined
}

export function parseOutput(data: unknown): Incoming | undefined {
  if (!(data instanceof ArrayBuffer) || data.byteLength < OUTPUT_HEADER) return undefined
  const view = new DataView(data)
  const output = {
    stream: view.getUint32(0),
    offset: view.getFloat64(4),
    data: new Uint8Array(data, OUTPUT_HEADER),
  }
  return { message: 'output', data: output }
}

export function formatOutput(stream: number, offset: number, data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(OUTPUT_HEADER + data.length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, stream)
  view.setFloat64(4, offset)
  frame.set(data, OUTPUT_HEADER)
  return frame
}
