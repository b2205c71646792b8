import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fill } from '../../api/http/template.ts'

test('values are escaped, prepared markup is not', () => {
  const page = fill('<p title="{{name}}">{{{cards}}}</p>', { name: `"<b>'&` }, { cards: '<b>ok</b>' })
  assert.equal(page, '<p title="&quot;&lt;b&gt;&#39;&amp;"><b>ok</b></p>')
})

test('what a value says is not filled in again', () => {
  assert.equal(fill('{{title}}', { title: '{{secret}}', secret: 'no' }), '{{secret}}')
})

test('a name without a value is an error, not a blank', () => {
  assert.throws(() => fill('{{titel}}', { title: 'x' }), /titel/)
})
