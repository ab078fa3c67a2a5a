import { type TapConfig } from '../../shared/config/schema.ts'
import { headerValue, type RawHeaders } from './headers.ts'

/** Is this request not to be looked at: by its own word, or by the config's, tenant by tenant. */
export function createOptOut(rules: TapConfig['optOut']): (headers: RawHeaders) => boolean {
  const refused = rules.map(({ header, values }) => ({ header: header.toLowerCase(), values: new Set(values) }))
  return (headers) =>
    headerValue(headers, 'x-understudy')?.trim().toLowerCase() === 'off' ||
    refused.some(({ header, values }) => values.has(headerValue(headers, header)?.trim() ?? ''))
}
