import { sha256Hex } from '../../shared/ids.ts'

export const conversationHeader = 'x-understudy-conversation'

// A user's own handle must not be readable in, or searchable from, what is stored.
const salt = 'understudy/tap/conversation/1'

/** Who the request was for, by a header: as little readable as a conversation is. Null: nobody was named. */
export function tenantIdOf(name: string | null): string | null {
  const named = name?.trim() ?? ''
  return named === '' ? null : sha256Hex(['understudy/tap/tenant/1', named].join('\0')).slice(0, 32)
}

export type ConversationHints = { header: string | null; userKey: string | null; opening: string; exchangeId: string }

/**
 * The unit of every statistic: what the caller says it is, else the user, else the opening of the dialogue, which all its
 * turns repeat. Where nothing is known, the exchange is its own conversation. Kinds are kept apart, so that a user called
 * like a conversation is not that conversation.
 */
export function conversationIdOf({ header, userKey, opening, exchangeId }: ConversationHints): string {
  const key = header
    ? ['header', header]
    : userKey
      ? ['user', userKey]
      : opening.trim() === ''
        ? ['exchange', exchangeId]
        : ['opening', opening]
  return sha256Hex([salt, ...key].join('\0')).slice(0, 32)
}
