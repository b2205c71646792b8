import { readJson, writeJson } from '../lib/files.ts'
import { output } from '../lib/output.ts'
import { parseMetrics, sum } from '../lib/prometheus.ts'
import { currentVersion, visitRelease } from '../lib/releases.ts'

interface Thresholds {
  readonly requests: number
  readonly failed_share: number
  readonly p95_ms: number
  readonly slow_query_share: number
}

const PATHS = ['/', '/?q=Le+Guin', '/api/books', '/api/books/1', '/api/overdue', '/healthz']

/** Uses the release as a few people would, then compares what it says about itself with the thresholds. */
const version = currentVersion()
const thresholds = readJson<Thresholds>('monitoring/thresholds.json')
const samples = await visitRelease(version, async (url) => {
  for (let i = 0; i < thresholds.requests; i++)
    await (await fetch(url + PATHS[i % PATHS.length])).arrayBuffer()
  return parseMetrics(await (await fetch(`${url}/metrics`)).text())
})

const requests = sum(samples, 'bookshelf_requests_total')
const failed = sum(samples, 'bookshelf_requests_total', ({ status }) => Number(status) >= 500)
const measured: Thresholds = {
  requests,
  failed_share: failed / requests,
  p95_ms: sum(samples, 'bookshelf_request_ms', ({ quantile }) => quantile === '0.95'),
  slow_query_share: sum(samples, 'bookshelf_query_slow_total') / sum(samples, 'bookshelf_query_calls_total'),
}
const breaches = (['failed_share', 'p95_ms', 'slow_query_share'] as const).filter(
  (name) => measured[name] > thresholds[name],
)
if (requests < thresholds.requests)
  throw new Error(`only ${requests} of ${thresholds.requests} requests were counted`)
writeJson(`releases/${version}/metrics.json`, { version, measured, thresholds, breaches })
console.table({ measured, thresholds })
output({ p95_ms: measured.p95_ms, requests, breaches: breaches.length })
if (breaches.length > 0) throw new Error(`over the threshold: ${breaches.join(', ')}`)
