/** One server-sent event that carried data. */
export type SseEvent = { name: string | null; data: string }

/** Takes bytes split anywhere; gives the events that ended in each piece. */
export type SseDecoder = {
  push(bytes: Uint8Array): SseEvent[]
  /** The connection ended: an event without its closing blank line is given too. */
  end(): SseEvent[]
}

/**
 * Server-sent events as in the HTML standard, section 9.2: lines end in LF, CR or CRLF and in nothing else (U+2028 is
 * text), a leading byte order mark and comments are skipped, `data` lines of one event are joined by LF.
 */
export function createSseDecoder(): SseDecoder {
  // One decoder for the whole stream, so that a character split over two pieces stays whole. It drops the mark.
  const decoder = new TextDecoder()
  let buffer = ''
  let scanned = 0
  let afterCarriageReturn = false
  let name: string | null = null
  let data: string[] = []

  function takeEvent(events: SseEvent[]): void {
    if (data.length > 0) events.push({ name, data: data.join('\n') })
    name = null
    data = []
  }

  function takeLine(line: string, events: SseEvent[]): void {
    if (line === '') return takeEvent(events)
    const colon = line.indexOf(':')
    const key = colon === -1 ? line : line.slice(0, colon)
    const start = line[colon + 1] === ' ' ? colon + 2 : colon + 1
    const value = colon === -1 ? '' : line.slice(start)
    if (key === 'data') data.push(value)
    else if (key === 'event') name = value
  }

  function takeText(piece: string): SseEvent[] {
    const events: SseEvent[] = []
    let text = piece
    // The LF of a CRLF that was split between two pieces.
    if (afterCarriageReturn && text !== '') {
      afterCarriageReturn = false
      if (text.startsWith('\n')) text = text.slice(1)
    }
    buffer += text
    let lineStart = 0
    let feed = indexOrEnd(buffer, '\n', scanned)
    let carriage = indexOrEnd(buffer, '\r', scanned)
    while (feed < buffer.length || carriage < buffer.length) {
      const lineEnd = Math.min(feed, carriage)
      takeLine(buffer.slice(lineStart, lineEnd), events)
      afterCarriageReturn = carriage + 1 === buffer.length
      lineStart = feed === carriage + 1 ? feed + 1 : lineEnd + 1
      if (feed < lineStart) feed = indexOrEnd(buffer, '\n', lineStart)
      if (carriage < lineStart) carriage = indexOrEnd(buffer, '\r', lineStart)
    }
    buffer = buffer.slice(lineStart)
    // What is left has no line end in it: the next piece is searched from here, not from the start.
    scanned = buffer.length
    return events
  }

  return {
    push: (bytes) => takeText(decoder.decode(bytes, { stream: true })),
    end() {
      const events = takeText(decoder.decode())
      if (buffer !== '') takeLine(buffer, events)
      takeEvent(events)
      buffer = ''
      scanned = 0
      return events
    },
  }
}

function indexOrEnd(text: string, character: string, from: number): number {
  const index = text.indexOf(character, from)
  return index === -1 ? text.length : index
}
