import { join } from 'node:path'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { stateFromJson } from '../../domain/serialise.ts'
import type { EngineLink } from '../pages/engineLink.ts'
import { metricsText } from './metricsText.ts'
import { isSame, loadToken } from './secrets.ts'

export const METRICS_PATH = '/metrics'
const TOKEN_FILE = 'metrics.token'

export interface MetricsParts {
  readonly link: EngineLink
  readonly dataDir: string
}

/** The token that lets Prometheus in, and to nothing else; made where there is none. */
export function metricsToken(dataDir: string): string {
  return loadToken(join(dataDir, TOKEN_FILE))
}

/** `/metrics` for whoever has its token: no cookie, no page, no other call comes with it. */
export function addMetrics(server: FastifyInstance, { link, dataDir }: MetricsParts): void {
  const token = metricsToken(dataDir)
  server.get(METRICS_PATH, async (request, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8')
    if (!isSame(bearerOf(request), token))
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send(`Send the token of ${TOKEN_FILE} in the data folder: Authorization: Bearer …\n`)
    const { status } = link
    if (status.status !== 'connected')
      return reply.code(503).send('There is no engine now; it is looked for again.\n')
    const [vitals, snapshot] = await Promise.all([status.center.vitals(), status.center.snapshot()])
    return reply.send(metricsText(vitals, stateFromJson(snapshot)))
  })
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer ([A-Za-z0-9_-]+)$/i.exec(headers.authorization ?? '')?.[1]
}
