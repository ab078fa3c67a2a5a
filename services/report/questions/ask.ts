import { UnderstudyError } from '../../../shared/errors.ts'
import { clickhouseCode } from '../../../shared/store/store-errors.ts'
import { type Store } from '../../../shared/store/store.ts'

/** As long as one question may keep the engine, which in embedded mode does one thing at a time. */
export const longestSeconds = 10

/** The engine's own word for it. */
const timeoutExceeded = 159

/** Asks with a limit of time. QUESTION_TOO_SLOW: what is asked is too much. */
export async function ask<Row>(
  store: Pick<Store, 'query'>,
  sql: string,
  params: Record<string, unknown>,
  seconds = longestSeconds,
): Promise<Row[]> {
  try {
    return await store.query<Row>(`${sql}\nSETTINGS max_execution_time = ${seconds}`, params)
  } catch (err) {
    if (clickhouseCode((err as Error).cause) !== timeoutExceeded) throw err
    throw new UnderstudyError(
      'QUESTION_TOO_SLOW',
      `the store did not find it within ${seconds} s: ask for less time with from and to, for one route, or in the order newest`,
      { cause: err },
    )
  }
}

// 64-bit integers come as text from some versions of the engine: everything counted leaves it as a float.
export const msOf = (column: string): string => `toFloat64(toUnixTimestamp64Milli(${column}))`
export const timeOf = (parameter: string): string => `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`
