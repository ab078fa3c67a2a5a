import { word } from '../../../shared/dialects/json.ts'
import { type LogFormat, numberOf, pick, pickWord, untold } from './logged.ts'

/**
 * `{ request, response, timestamp?, latency_ms?, ttft_ms?, status?, conversation_id?, route?, anthropic_version? }`, in
 * camelCase too.
 */
export const plain: LogFormat = {
  isEntry: (fields) => 'request' in fields || 'response' in fields,
  read: (fields) => ({
    ...untold,
    request: pick(fields, 'request'),
    response: pick(fields, 'response'),
    path: pickWord(fields, 'path'),
    time: pick(fields, 'timestamp', 'created_at', 'createdAt', 'time'),
    latencyMs: numberOf(pick(fields, 'latency_ms', 'latencyMs', 'duration_ms', 'durationMs')),
    ttftMs: numberOf(pick(fields, 'ttft_ms', 'ttftMs')),
    status: numberOf(pick(fields, 'status')),
    conversationId: pickWord(fields, 'conversation_id', 'conversationId', 'session_id', 'sessionId'),
    route: word(pick(fields, 'route')),
    anthropicVersion: pickWord(fields, 'anthropic_version', 'anthropicVersion'),
  }),
}
