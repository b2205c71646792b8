import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryStatistics } from '../../api/database/statistics.ts'
import { Metrics } from '../../api/http/metrics.ts'
import { parseMetrics, sum } from '../../scripts/lib/prometheus.ts'

test('quantiles are those of the latest thousand requests', () => {
  const metrics = new Metrics()
  for (let ms = 1; ms <= 1100; ms++) metrics.record('/', 200, ms)
  assert.equal(metrics.quantile(0.5), 600)
  assert.equal(metrics.quantile(1), 1100)
  assert.equal(new Metrics().quantile(0.95), 0)
})

test('requests are counted by route and status, queries by name', () => {
  const metrics = new Metrics()
  metrics.record('/', 200, 1)
  metrics.record('/', 200, 1)
  metrics.record('/books', 422, 1)
  const queries = new QueryStatistics({ findBook: 0, default: 1000 })
  queries.time('findBook', () => 1)
  assert.throws(() => queries.time('listBooks', () => assert.fail('broken')))
  const samples = parseMetrics(metrics.render({ version: '1.0.0', schema: 4 }, queries))
  assert.equal(sum(samples, 'bookshelf_requests_total'), 3)
  assert.equal(
    sum(samples, 'bookshelf_requests_total', ({ status }) => status === '422'),
    1,
  )
  assert.equal(sum(samples, 'bookshelf_query_calls_total'), 2)
  assert.equal(sum(samples, 'bookshelf_query_slow_total'), 1)
})
