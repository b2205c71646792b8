import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INSERT_ORDER, MOST_OF_ONE, parseOrder } from '../shop/orders.ts'

test('an order names a product', () => {
  const { product, quantity, rehearsal } = parseOrder({ product: 2 })
  assert.deepEqual([product, quantity, rehearsal], [2, 1, false])
})

test('an order without a product is refused', () => {
  for (const body of [null, {}, { product: 'Kettle' }, { product: 0 }, { product: 1.5 }])
    assert.throws(() => parseOrder(body), /which product/)
})

test('nobody orders nothing, or more than there is room for', () => {
  for (const quantity of [0, -1, MOST_OF_ONE + 1, '3'])
    assert.throws(() => parseOrder({ product: 1, quantity }), /between 1 and 99/)
})

test('only what says so is a rehearsal', () => {
  assert.equal(parseOrder({ product: 1, rehearsal: true }).rehearsal, true)
  assert.equal(parseOrder({ product: 1, rehearsal: 'yes' }).rehearsal, false)
})

test('what a customer wrote is no part of the SQL', () => {
  assert.match(INSERT_ORDER, /:'quantity'::integer/)
  assert.doesNotMatch(INSERT_ORDER, /\$\{/)
})
