import * as fc from 'fast-check'

const parts = fc.constantFrom(
  ..."a A an The the THE cat Cat 49 3.50 €18.95 d-o don’t don't t'he é Été ß STRASSE Größe İstanbul ΟΔΟΣ Σ ς K 東京 返金 ½ Ⅷ 👍 𝐀𝐛 𐐀𐐨 _ . , ; — - ( ) !".split(
    ' ',
  ),
  ' ',
  '  ',
  '\n',
  '\t',
  '\u00a0',
  '\u2028',
  '\u0000',
  '\u001c',
  '\u0085',
  '\ufeff',
  '\ue000',
  '\u0307',
  '\ud835',
  '\udc00',
)

/** Words, marks and white space of every kind, without and with gaps between them; and anything at all. */
export const anyText = fc.oneof(
  fc.array(parts, { maxLength: 40 }).map((some) => some.join('')),
  fc.array(parts, { maxLength: 40 }).map((some) => some.join(' ')),
  fc.string({ unit: 'binary', maxLength: 80 }),
)

/** White space to Python, and not to JavaScript. */
export const pythonSpaces = ['\u001c', '\u001d', '\u001e', '\u001f', '\u0085']
