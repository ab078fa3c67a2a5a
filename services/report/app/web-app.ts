import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import files from '@fastify/static'
import { type FastifyInstance, type FastifyReply } from 'fastify'

/** Where `npm run build:web` puts the dashboard. */
export const webFolder = fileURLToPath(new URL('../web/dist', import.meta.url))

/**
 * Texts of models are shown by scripts of ours alone, which talk to this server alone. No page may hold the dashboard in a frame, and
 * nothing that is written into it runs.
 */
export const appPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const yearSeconds = 31_536_000

/** Serves the dashboard at `/`, to anybody: it holds nothing but itself. False where it was not built. */
export async function registerWebApp(app: FastifyInstance, folder = webFolder): Promise<boolean> {
  if (!existsSync(join(folder, 'index.html'))) return false
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  const known = new Set(
    names
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(folder.length + 1)
          .replaceAll(sep, '/'),
      ),
  )
  // Only what is asked for below is sent, with the headers that it is sent with there.
  await app.register(files, { root: folder, serve: false, preCompressed: true, cacheControl: false })
  const sendPage = (reply: FastifyReply) =>
    reply.headers({ 'content-security-policy': appPolicy, 'cache-control': 'no-cache' }).sendFile('index.html')
  const config = { isOpen: true }
  app.get('/', { config }, (_request, reply) => sendPage(reply))
  app.get<{ Params: { '*': string } }>('/*', { config }, (request, reply) => {
    const name = request.params['*']
    if (known.has(name) && name !== 'index.html') {
      // The names of these change with what is in them.
      const isHashed = name.startsWith('assets/')
      const kept = isHashed ? `public, max-age=${yearSeconds}, immutable` : 'no-cache'
      return reply.headers({ 'content-security-policy': appPolicy, 'cache-control': kept }).sendFile(name)
    }
    // A place within the dashboard, which its scripts know.
    const isPlace = !/^(api|v1|assets)(\/|$)/.test(name) && request.headers.accept?.includes('text/html') === true
    return isPlace ? sendPage(reply) : reply.callNotFound()
  })
  return true
}
