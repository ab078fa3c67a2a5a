import { type FastifyRequest } from 'fastify'

export type ActorOf = (request: FastifyRequest) => string

/**
 * Who asks, as the audit log has it. The header is whatever stands in front of the report says (`report.identityHeader`), so it must be
 * set where nobody can reach the report beside it.
 */
export function actorsBy(identityHeader: string | false): ActorOf {
  return ({ headers }) => {
    const said = identityHeader === false ? undefined : headers[identityHeader.toLowerCase()]
    const name = (Array.isArray(said) ? said.join(', ') : (said ?? '')).trim()
    return name === '' ? 'api' : `header:${name.slice(0, 200)}`
  }
}
