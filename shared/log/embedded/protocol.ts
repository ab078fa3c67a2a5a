import { type ErrorCode } from '../../errors.ts'
import { type LogDatabase } from './database.ts'

/** What crosses between a process's main thread and the thread that owns its database. */
export type Call = { id: number; operation: keyof LogDatabase; args: unknown[] }

/** `id` 0 tells whether the database could be opened. */
export type Reply = { id: number; result?: unknown; error?: { code: ErrorCode; message: string } } | 'changed'
