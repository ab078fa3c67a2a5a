/** What is asked of a client. Both `tools` kinds are two requests: the question, and the tool's result. */
export type Kind =
  | 'whole'
  | 'stream'
  | 'tools'
  | 'tools-stream'
  | 'structured'
  | 'structured-stream'
  | 'embed'
  | 'model'

export type Scenario = {
  title: string
  kind: Kind
  /** What the provider does: `behaviours` in provider.ts. */
  provider: string
  maxRetries: number
  timeoutMs: number
  /** When the client's signal is aborted: when the provider has the request, or after so many results. */
  abort: 'on arrival' | number | null
  /** How many requests the provider gets; null where clients differ. */
  attempts: number | null
  /** Whether the client reports an error; null where clients differ. */
  fails: boolean | null
  /** The client goes before the answer has ended. */
  leaves: boolean
  /** A reset throws away what was not read yet, so what came before it may differ; and where it comes the tap closes. */
  isReset: boolean
}

const scenario = (title: string, kind: Kind, provider: string, rest: Partial<Scenario> = {}): Scenario => ({
  title,
  kind,
  provider,
  maxRetries: 2,
  timeoutMs: 30_000,
  abort: null,
  attempts: 1,
  fails: false,
  leaves: false,
  isReset: false,
  ...rest,
})

const refused = { fails: true }
const retried = { attempts: 2 }
const givenUp = { maxRetries: 1, attempts: 2, fails: true }
const differs = { attempts: null, fails: null, maxRetries: 0 }

export const scenarios: readonly Scenario[] = [
  // The ones that wait come first, so that the others run meanwhile.
  scenario('no answer in time', 'whole', 'silent', { timeoutMs: 2_000, maxRetries: 0, fails: true, leaves: true }),
  scenario('no answer in time, then one', 'whole', 'silent-once', { timeoutMs: 2_000, maxRetries: 1, attempts: 2 }),
  scenario('an abort before the answer', 'whole', 'silent', { abort: 'on arrival', fails: true, leaves: true }),

  scenario('a whole answer', 'whole', 'plain'),
  scenario('a compressed answer', 'whole', 'compressed'),
  scenario('a stream', 'stream', 'plain'),
  scenario('a compressed stream', 'stream', 'compressed'),
  scenario('tools', 'tools', 'plain', { attempts: 2 }),
  scenario('streamed tools', 'tools-stream', 'plain', { attempts: 2 }),
  scenario('structured output', 'structured', 'plain'),
  scenario('streamed structured output', 'structured-stream', 'plain'),
  scenario('embeddings', 'embed', 'plain'),
  scenario('a model whose name is escaped in the path', 'model', 'plain'),

  scenario('400', 'whole', 'status-400', refused),
  scenario('401', 'whole', 'status-401', refused),
  scenario('403', 'whole', 'status-403', refused),
  scenario('404', 'whole', 'status-404', refused),
  scenario('422', 'whole', 'status-422', { ...refused, attempts: null, maxRetries: 0 }),
  scenario('409, then an answer', 'whole', 'status-409-once', { attempts: null, fails: null }),
  scenario('429, then an answer', 'whole', 'status-429-once', retried),
  scenario('429 for ever', 'whole', 'status-429', givenUp),
  scenario('500 for ever', 'whole', 'status-500', givenUp),
  scenario('503, then an answer', 'whole', 'status-503-once', retried),
  scenario('529, then an answer', 'whole', 'status-529-once', retried),
  scenario('a page of a gateway instead of JSON', 'whole', 'html', givenUp),
  scenario('400 to a stream', 'stream', 'status-400', refused),
  scenario('429 to a stream, then a stream', 'stream', 'status-429-once', retried),
  scenario('400 to embeddings', 'embed', 'status-400', refused),
  scenario('429 to embeddings, then an answer', 'embed', 'status-429-once', retried),

  scenario('an abort in a stream', 'stream', 'endless', { abort: 3, fails: null, leaves: true }),

  scenario('an answer that is no JSON', 'whole', 'broken-json', differs),
  scenario('an event that is no JSON', 'stream', 'broken-json', differs),
  scenario('an error in a stream', 'stream', 'error-event', differs),
  scenario('an answer that is cut off', 'whole', 'cut', differs),
  scenario('a stream that is cut off', 'stream', 'cut', differs),
  scenario('a stream that is reset', 'stream', 'reset', { ...differs, isReset: true }),
  scenario('a connection that closes instead of an answer', 'whole', 'gone', givenUp),
]

export const titles = new Set(scenarios.map(({ title }) => title))
