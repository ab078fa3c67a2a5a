import { type ArmView, type ExchangeView } from '../../../../../shared/contracts/exchange-view.ts'

/** A command that asks the same of any endpoint. Keys are never stored, so the shell must know one. */
export function curlOf({ request }: ExchangeView): string {
  const headers = Object.entries(request.headers).filter(
    ([name]) => !/^(host|content-length|connection|accept-encoding)$/i.test(name),
  )
  return [
    `curl -X ${request.method} "$BASE_URL"${quoted(request.path)}`,
    `  -H "authorization: Bearer $API_KEY"`,
    ...headers.map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)}`),
    ...(request.body === null ? [] : [`  --data-raw ${quoted(request.body.text)}`]),
  ].join(' \\\n')
}

/** What another answer to the same request can be held against. */
export function testCaseOf(view: ExchangeView, arm: ArmView | undefined): string {
  return JSON.stringify(
    {
      id: view.exchangeId,
      route: view.route,
      task: view.task,
      request: jsonOrText(view.request.body?.text ?? null),
      expected: view.served.answer?.text.text ?? null,
      expectedToolCalls:
        view.served.answer?.toolCalls.map(({ name, argumentsText }) => ({
          name,
          arguments: jsonOrText(argumentsText.text),
        })) ?? [],
      seen: arm && {
        arm: arm.arm,
        model: arm.model,
        answer: arm.answer?.text.text ?? null,
        decidedBy: arm.comparison?.decidedBy ?? null,
        quality: arm.comparison?.quality ?? null,
        differences: arm.comparison?.differences ?? [],
      },
    },
    null,
    2,
  )
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

function jsonOrText(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
