import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { packRecords, unpackRecords } from '../../../../shared/log/embedded/packed-records.ts'
import { type LogRecord } from '../../../../shared/log/topic-log.ts'

const anyRecord: fc.Arbitrary<LogRecord> = fc.record(
  {
    key: fc.string(),
    value: fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array()),
    headers: fc.dictionary(fc.string(), fc.string()),
  },
  { requiredKeys: ['key', 'value'] },
)

test('records come out on the other side as they went in, and their own memory stays', () => {
  fc.assert(
    fc.property(fc.array(anyRecord), (records) => {
      const packed = packRecords(records)
      const moved = structuredClone(packed, { transfer: [packed.memory] })

      equal(packed.memory.detached, true)
      deepEqual(
        unpackRecords(moved).map(({ key, headers, value }) => [key, JSON.parse(headers), Buffer.from(value)]),
        records.map(({ key, headers = {}, value }) => [key, JSON.parse(JSON.stringify(headers)), Buffer.from(value)]),
      )
    }),
  )
})
