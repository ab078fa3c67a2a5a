import { Config } from '../../shared/config/schema.ts'

/** One candidate of this name beside the control. */
export function smallConfig(name: string, gates: object = {}): Config {
  return Config.parse({
    tap: { upstreams: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' } } },
    providers: { openai: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1/v1' } },
    control: { provider: 'openai' },
    candidates: [{ name, provider: 'openai', model: 'small-1' }],
    gates,
  })
}
