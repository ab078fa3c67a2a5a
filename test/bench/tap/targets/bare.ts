// The peer that matters: node:http in front, undici behind, nothing copied. What Node itself costs.
import { createServer } from 'node:http'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2]!, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
const server = createServer({ noDelay: true, keepAliveTimeout: 75_000 }, (request, response) => {
  pool.dispatch(
    { path: request.url!, method: request.method as 'POST', headers: request.rawHeaders, body: request },
    {
      onRequestStart() {},
      onResponseStart(controller, status) {
        response.writeHead(status, (controller.rawHeaders as Buffer[]).map(String))
      },
      onResponseData(controller, piece) {
        if (!response.write(piece)) {
          controller.pause()
          response.once('drain', () => controller.resume())
        }
      },
      onResponseEnd() {
        response.end()
      },
      onResponseError() {
        response.destroy()
      },
    },
  )
})
server.listen(0, '127.0.0.1', () =>
  process.send?.({ urls: [`http://127.0.0.1:${(server.address() as { port: number }).port}`] }),
)
