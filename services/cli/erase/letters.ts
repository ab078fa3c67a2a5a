import { type About, type IsMeant } from '../../../shared/erasure/about.ts'
import { deleteRows } from '../../../shared/store/erase.ts'
import { type Store } from '../../../shared/store/store.ts'
import { aboutRecord, type TextOf } from './places.ts'

/** The dead letters of the store. What they are about is in their records, which only we can read. */
export type Letters = {
  about(isMeant: IsMeant): Promise<About[]>
  idsOf(isMeant: IsMeant): Promise<string[]>
  erase(isMeant: IsMeant): Promise<void>
}

type Row = { id: string; topic: string; key: string; exchangeId: string | null; valueBase64: string }

const pageRows = 200

export function openLetters(store: Store, textOf: TextOf): Letters {
  async function* all(): AsyncGenerator<Row & { about: About | null }> {
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const rows = await store.query<Row>(
        `SELECT toString(dead_letter_id) AS id, topic, key, toString(exchange_id) AS exchangeId, value_base64 AS valueBase64
         FROM dead_letters WHERE dead_letter_id > {after:UUID} ORDER BY dead_letter_id LIMIT ${pageRows} WITH TIES`,
        { after },
      )
      for (const row of rows) yield { ...row, about: aboutOfRow(row) }
      if (rows.length < pageRows) return
      after = rows.at(-1)!.id
    }
  }

  function aboutOfRow({ topic, key, exchangeId, valueBase64 }: Row): About | null {
    const read = aboutRecord({ topic, key, value: Buffer.from(valueBase64, 'base64') }, textOf)
    return read === null ? null : { ...read, exchangeId: read.exchangeId ?? exchangeId }
  }

  async function idsOf(isMeant: IsMeant): Promise<string[]> {
    const ids: string[] = []
    for await (const { id, about } of all()) if (about !== null && isMeant(about)) ids.push(id)
    return ids
  }

  return {
    async about(isMeant) {
      const found: About[] = []
      for await (const { about } of all()) if (about !== null && isMeant(about)) found.push(about)
      return found
    },
    idsOf,
    async erase(isMeant) {
      const ids = await idsOf(isMeant)
      for (let from = 0; from < ids.length; from += 1_000) {
        const list = ids.slice(from, from + 1_000).map((id) => `'${id}'`)
        await deleteRows(store, 'dead_letters', `dead_letter_id IN (${list.join(', ')})`)
      }
    },
  }
}
