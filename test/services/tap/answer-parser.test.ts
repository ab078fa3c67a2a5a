import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert, nat, property } from 'fast-check'
import { NotHttp } from '../../../services/tap/head-lines.ts'
import { AnswerParser } from '../../../services/tap/answer-parser.ts'

/** Everything an answer tells, as text; bytes that follow each other are one. */
function read(pieces: readonly Buffer[], { method = 'POST', maySwitch = false, closed = false } = {}) {
  const seen: string[] = []
  let body = ''
  let wire = ''
  const parser = new AnswerParser(method, maySwitch, {
    information: ({ status, headers }) => seen.push(`information ${status} ${JSON.stringify(headers)}`),
    head: ({ status, reason, headers }) => seen.push(`head ${status} ${reason} ${JSON.stringify(headers)}`),
    bytes: (bytes) => (body += bytes.toString('latin1')),
    wire: (bytes) => (wire += bytes.toString('latin1')),
    end: (trailers) => seen.push(`body ${body}`, `end ${JSON.stringify(trailers)}`),
    switched: ({ status }, rest) => seen.push(`switched ${status} ${rest.toString('latin1')}`),
  })
  for (const piece of pieces) parser.push(piece)
  const hasEnded = closed ? parser.close() : parser.hasEnded
  return { seen, wire, hasEnded, idleMs: parser.idleMs }
}

const bytesOf = (text: string) => Buffer.from(text, 'latin1')

type Good = { text: string; seen: string[]; wire?: string; idleMs?: number; closed?: boolean; method?: string }
const good: Record<string, Good> = {
  'a length': {
    text: 'HTTP/1.1 200 OK\r\nX-a:  b \t\r\nx-A:\xe9\r\nContent-Length: 3\r\n\r\nabc',
    seen: ['head 200 OK ["X-a","b","x-A","\xe9","Content-Length","3"]', 'body abc', 'end []'],
  },
  'chunks with extensions and trailers': {
    text: 'HTTP/1.1 200 \r\nTransfer-Encoding: Chunked\r\n\r\n003;a="b"\r\nabc\r\nA \r\n0123456789\r\n0\r\nX-T: 1\r\nX-t: 2\r\n\r\n',
    seen: ['head 200  ["Transfer-Encoding","Chunked"]', 'body abc0123456789', 'end ["X-T","1","X-t","2"]'],
    wire: '003;a="b"\r\nabc\r\nA \r\n0123456789\r\n0\r\nX-T: 1\r\nX-t: 2\r\n\r\n',
  },
  'no reason and no body': { text: 'HTTP/1.1 204\r\n\r\n', seen: ['head 204  []', 'body ', 'end []'] },
  'the answer to HEAD': {
    text: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n',
    method: 'HEAD',
    seen: ['head 200 OK ["Content-Length","9"]', 'body ', 'end []'],
  },
  'information before the head': {
    text: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    seen: [
      'information 103 ["Link","</a>"]',
      'information 100 []',
      'head 200 OK ["Content-Length","0"]',
      'body ',
      'end []',
    ],
  },
  'a folded header': {
    text: 'HTTP/1.1 200 OK\r\nX-A: b\r\n\t c\r\nContent-Length: 0\r\n\r\n',
    seen: ['head 200 OK ["X-A","b c","Content-Length","0"]', 'body ', 'end []'],
  },
  'an end by closing': {
    text: 'HTTP/1.1 200 OK\r\n\r\nabc',
    closed: true,
    idleMs: 0,
    seen: ['head 200 OK []', 'body abc', 'end []'],
  },
  'a connection that is to be closed': {
    text: 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n',
    idleMs: 0,
    seen: ['head 200 OK ["Connection","x, Close","Content-Length","0"]', 'body ', 'end []'],
  },
  'a hint how long the connection stays': {
    text: 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=30, max=2\r\nContent-Length: 0\r\n\r\n',
    idleMs: 28_000,
    seen: ['head 200 OK ["Keep-Alive","timeout=30, max=2","Content-Length","0"]', 'body ', 'end []'],
  },
  'HTTP/1.0': {
    text: 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na',
    idleMs: 0,
    seen: ['head 200 OK ["Content-Length","1"]', 'body a', 'end []'],
  },
  'bytes after the end': {
    text: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\n\r\n',
    idleMs: 0,
    seen: ['head 200 OK ["Content-Length","1"]', 'body a', 'end []'],
  },
}

/** The body itself, where nothing stands around it. */
const bare = (seen: string[]) => seen.at(-2)!.replace(/^body /, '')

for (const [name, { text, seen, wire = bare(seen), idleMs = 4_000, ...options }] of Object.entries(good)) {
  test(`an answer (${name}) is read alike however its bytes are cut`, () => {
    deepEqual(read([bytesOf(text)], options), { seen, wire, hasEnded: true, idleMs })
    deepEqual(read(text.split('').map(bytesOf), options), { seen, wire, hasEnded: true, idleMs })
    assert(
      property(array(nat(text.length)), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), text.length]
        const pieces = places.slice(1).map((place, i) => bytesOf(text.slice(places[i], place)))
        deepEqual(read(pieces, options), { seen, wire, hasEnded: true, idleMs })
      }),
      { numRuns: 50 },
    )
  })
}

test('after 101 nothing is read as HTTP', () => {
  const pieces = [bytesOf('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00')]

  deepEqual(read(pieces, { maySwitch: true }).seen, ['switched 101 \x81\x00'])
  throws(() => read(pieces), NotHttp)
})

const head = 'HTTP/1.1 200 OK\r\n'
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`
const bad: Record<string, string> = {
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
  'HTTP/2': '\x00\x00\x12\x04\x00',
  'HTTP/2.0 in words': 'HTTP/2.0 200 OK\r\n\r\n',
  'lines without CR': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
  'a status that is none': 'HTTP/1.1 2000 OK\r\n\r\n',
  'a header without a colon': `${head}nonsense\r\n\r\n`,
  'a space before the colon': `${head}Content-Length : 0\r\n\r\n`,
  'a header that begins with a space': `${head} X: 1\r\n\r\n`,
  'a control character': `${head}X: a\x00b\r\n\r\n`,
  'a lone CR': `${head}X: a\rContent-Length: 4\r\n\r\n`,
  'both lengths': `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
  'two lengths': `${head}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
  'a length with a sign': `${head}Content-Length: +1\r\n\r\n`,
  'another coding': `${head}Transfer-Encoding: gzip, chunked\r\n\r\n`,
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'a chunk without a size': `${chunked}\r\n`,
  'a size that is no number': `${chunked}g\r\n`,
  'a size with a prefix': `${chunked}0x1\r\na\r\n`,
  'a size with a blank in it': `${chunked}1 1\r\na\r\n`,
  'an extension without end': `${chunked}1;${'a'.repeat(20_000)}`,
  'a folded trailer': `${chunked}0\r\nX-A: b\r\n c\r\n\r\n`,
  'a size beyond all bounds': `${chunked}fffffffffffffff\r\n`,
  'a chunk longer than its size': `${chunked}1\r\nab\r\n`,
  'a size line without CR': `${chunked}1\na\r\n`,
  'an extension with a line feed': `${chunked}1;a\n\r\n`,
  'a head without end': `${head}X: ${'a'.repeat(300_000)}`,
}

for (const [name, text] of Object.entries(bad)) {
  test(`what is not HTTP (${name}) is refused, however its bytes are cut`, () => {
    throws(() => read([bytesOf(text)]), NotHttp)
    if (text.length < 1_000) throws(() => read(text.split('').map(bytesOf)), NotHttp)
  })
}

test('an answer that breaks off has not ended', () => {
  for (const text of [head, `${head}Content-Length: 2\r\n\r\na`, `${chunked}2\r\na`, `${chunked}0\r\n`, '']) {
    equal(read([bytesOf(text)], { closed: true }).hasEnded, false, text)
  }
})
