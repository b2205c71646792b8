/** What a customer asks for. */
export interface Order {
  readonly product: number
  readonly quantity: number
  /** Of ISO 4217. */
  readonly currency: string
  /** Everything is done but kept: nothing stays of it. */
  readonly rehearsal: boolean
}

export const MOST_OF_ONE = 99

/** Throws words for the customer. */
export function parseOrder(body: unknown): Order {
  const {
    product,
    quantity = 1,
    currency = 'EUR',
    rehearsal = false,
  } = (body ?? {}) as Record<string, unknown>
  if (!isCount(product)) throw new RangeError('Say which product, by its number.')
  if (!isCount(quantity) || quantity > MOST_OF_ONE)
    throw new RangeError(`Order between 1 and ${MOST_OF_ONE} of a product.`)
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency))
    throw new RangeError('Say the currency in three letters, such as EUR.')
  return { product, quantity, currency, rehearsal: rehearsal === true }
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0
}

/** The price in cents that it had when it was ordered is kept with the order. */
export const INSERT_ORDER = `
  INSERT INTO orders (product, quantity, cents)
  SELECT id, :'quantity'::integer, cents * :'quantity'::integer FROM products WHERE id = :'product'::integer
  RETURNING json_build_object('id', id, 'product', product, 'quantity', quantity, 'cents', cents)`

export function euros(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')} €`
}
