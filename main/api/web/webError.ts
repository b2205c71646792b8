/** Why pages cannot be served, for the person who asked for them. */
export class WebError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WebError'
    this.remedy = remedy
  }
}
