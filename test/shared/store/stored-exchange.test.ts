import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { exchangeBodyRow, exchangeRow } from '../../../services/record/rows.ts'
import { Exchange } from '../../../shared/contracts/exchange.ts'
import { exchangeOf, headColumns, type StoredHead } from '../../../shared/store/stored-exchange.ts'
import { anExchange } from '../../services/record/samples.ts'
import { migratedStore } from '../../support/migrated-store.ts'

test('an exchange that was stored is read back as it was captured, but for the answer’s own bytes and headers', async () => {
  const store = await migratedStore()
  const captured = Exchange.parse(anExchange('kept'))
  await store.insert('exchanges', [exchangeRow(captured)])
  await store.insert('exchange_bodies', [exchangeBodyRow(captured)])
  const { request, served } = captured

  for (const table of ['exchanges', 'exchanges_unique']) {
    const [head] = await store.query<StoredHead>(`SELECT ${headColumns(table)} FROM ${table}`)
    const read = exchangeOf(head!, {
      requestHeaders: request.headers,
      requestBody: request.body.data,
      requestEncoding: request.body.encoding,
      requestTruncated: request.body.truncated,
      requestSha256: request.body.sha256,
      answerSha256: served.body.sha256,
      chunks: served.chunks,
      answer: served.answer,
    })
    deepEqual(Exchange.parse(read), {
      ...captured,
      served: { ...served, headers: {}, body: { ...served.body, encoding: 'utf8', data: null, truncated: false } },
    })
    const bare = exchangeOf(head!, {
      requestBody: null,
      requestEncoding: 'utf8',
      requestTruncated: false,
      answer: null,
    })
    deepEqual([bare.request.headers, bare.request.body.sha256, bare.served.chunks], [{}, null, []])
  }
})
