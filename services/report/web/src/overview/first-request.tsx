import { type Setup } from '../../../../../shared/contracts/setup.ts'
import { Copy } from '../parts/copy.tsx'
import { useResource } from '../resource.ts'

/** Before anything was compared: how to send the first request. */
export function FirstRequest() {
  const { data } = useResource<Setup>('/api/v1/setup')
  return (
    <section className="card first-request" aria-labelledby="first-title">
      <h2 id="first-title">Send the first request</h2>
      <p>
        Point your application at the tap instead of at the provider. It forwards every byte, keeps a copy, and never
        stands in the way. Within seconds of the first answer the pairs show here.
      </p>
      {data?.upstreams.map((upstream) => (
        <div key={upstream.name} className="first-command">
          <h3>
            {upstream.name} <span className="soft">in place of {upstream.provider}</span>
          </h3>
          <Copy text={commandOf(upstream)} what={`the setting for ${upstream.name}`} isShown />
        </div>
      ))}
    </section>
  )
}

const wildcards = new Set(['0.0.0.0', '[::]', ''])

/** The tap that listens on every address is reached by the name that the report was reached by. */
function commandOf({ name, dialect, host, port }: Setup['upstreams'][number]): string {
  const tap = `http://${wildcards.has(host) ? window.location.hostname : host}:${port}/${name}`
  return dialect === 'anthropic' ? `export ANTHROPIC_BASE_URL=${tap}` : `export OPENAI_BASE_URL=${tap}/v1`
}
