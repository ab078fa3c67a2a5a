import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { type FastifyInstance } from 'fastify'

const builtTo = join(import.meta.dirname, 'web', 'dist')

/**
 * Files of the report alone may load, and nothing inline may run: answers of models are shown here, and must stay text.
 * `data:` images are what drawings are copied as.
 */
export const sitePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ')

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** A year: names of built files change with what is in them. */
const forEver = 'public, max-age=31536000, immutable'

/** Serves the dashboard at `/`. False where it is not built: then the report's own page stands there. */
export function registerSite(app: FastifyInstance, folder = builtTo): boolean {
  if (!existsSync(join(folder, 'index.html'))) return false
  for (const path of filesIn(folder)) {
    const bytes = readFileSync(join(folder, path))
    const type = types[extname(path)] ?? 'application/octet-stream'
    const isPage = path === 'index.html'
    // Nobody has come in yet who is shown the way in; what is built says nothing about anybody.
    app.get(isPage ? '/' : `/${path}`, { config: { isOpen: true } }, (_request, reply) => {
      void reply.type(type)
      if (isPage) void reply.header('content-security-policy', sitePolicy)
      else void reply.header('cache-control', forEver)
      return reply.send(bytes)
    })
  }
  return true
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}
