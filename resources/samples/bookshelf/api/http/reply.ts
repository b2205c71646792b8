export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** The pages need their own style sheet and nothing else; no script runs at all. */
const CONTENT_SECURITY =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"

export function json(status: number, value: unknown): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  }
}

export function html(status: number, body: string): Reply {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CONTENT_SECURITY }
  return { status, headers, body }
}

export function text(status: number, body: string, type = 'text/plain; charset=utf-8'): Reply {
  return { status, headers: { 'content-type': type }, body }
}

/** After a form was taken: the browser goes on with GET, so a reload does not send the form again. */
export function seeOther(location: string): Reply {
  return { status: 303, headers: { location }, body: '' }
}

export function problem(status: number, ...problems: readonly string[]): Reply {
  return json(status, { problems })
}
