import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { type TestContext } from 'node:test'

/** What the server does with a statement: null for what a ClickHouse that is well would do. */
export type Trouble = ((response: ServerResponse) => void) | null

/** A refusal as ClickHouse sends it: the code in a header and in the text. */
export function refusing(code: number, type: string, text: string, status = 500): Trouble {
  return (response) => {
    response.writeHead(status, { 'content-type': 'text/plain', 'x-clickhouse-exception-code': `${code}` })
    response.end(`Code: ${code}. DB::Exception: ${text}. (${type}) (version 26.7.2.1 (official build))\n`)
  }
}

/** Takes statements over HTTP as ClickHouse does, keeps the rows of inserts by table, and has the troubles that it is told. */
export async function pretendClickhouse(context: TestContext, troubleOf: (statement: string) => Trouble) {
  const stored: Record<string, object[]> = {}
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString()
      const statement = new URL(request.url!, 'http://store').searchParams.get('query') ?? body
      const trouble = troubleOf(statement)
      if (trouble !== null) return trouble(response)
      const [, table] = /^INSERT INTO (\w+)/.exec(statement) ?? []
      if (table !== undefined) {
        const rows = body.trim().split('\n')
        ;(stored[table] ??= []).push(...rows.map((row) => JSON.parse(row) as object))
      }
      response.end(statement.includes('FROM erasures') ? '{"n":0}\n' : '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { stored, config: { clickhouse: { url, database: 'understudy', username: 'default', password: '' } } }
}
