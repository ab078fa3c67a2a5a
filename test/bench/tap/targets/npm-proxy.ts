// The proxies that npm has, each as its own page shows it, with kept connections to the provider.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [name, modules, upstream] = process.argv.slice(2) as [string, string, string]
const require = createRequire(join(modules, 'index.js'))

// Their types are not here: they are installed for the run only.
/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access */
const starts: Record<string, () => Promise<number>> = {
  async httpxy() {
    const { createProxyServer } = await import(pathToFileURL(join(modules, 'httpxy/dist/index.mjs')).href)
    const proxy = createProxyServer({ target: upstream })
    return listen((request, response) => void proxy.web(request, response).catch(() => response.destroy()))
  },
  async 'fast-proxy'() {
    const { proxy } = require('fast-proxy')({ base: upstream, undici: { connections: 1_024, pipelining: 1 } })
    return listen((request, response) => proxy(request, response, request.url, {}))
  },
  async '@fastify/http-proxy'() {
    const server = require('fastify')({ logger: false, bodyLimit: 16 * 1_048_576 })
    server.register(require('@fastify/http-proxy'), { upstream, undici: { connections: 1_024, pipelining: 1 } })
    await server.listen({ port: 0, host: '127.0.0.1' })
    return server.server.address().port
  },
}

function listen(serve: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer({ noDelay: true, keepAliveTimeout: 75_000 }, serve)
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
}

process.send?.({ urls: [`http://127.0.0.1:${await starts[name]!()}`] })
