import { type DocumentPart, type ImagePart, untranslatable } from './canonical.ts'

const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])

/** An image by its URL, which is never fetched: `data:` is taken apart, `https:` is passed on. */
export function imageFromUrl(url: string, detail: string | null = null): ImagePart {
  if (!/^data:/i.test(url)) {
    return /^https:\/\//i.test(url)
      ? { type: 'image', source: { url }, detail }
      : untranslatable('an image URL is not https')
  }
  const { mediaType, data } = parseDataUrl(url)
  return imageFromData(mediaType, data, detail)
}

export function imageFromData(mediaType: string, data: string, detail: string | null = null): ImagePart {
  const type = mediaType === 'image/jpg' ? 'image/jpeg' : mediaType
  if (!imageTypes.has(type)) untranslatable('an image is neither JPEG, PNG, GIF nor WebP')
  return { type: 'image', source: { mediaType: type, data }, detail }
}

/** A file by its URL, which is never fetched. Other dialects read PDFs only, so an ending that says otherwise ends it. */
export function documentFromUrl(url: string, name: string | null = null): DocumentPart {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'https:') untranslatable('the URL of a file is not https')
  const ending = /\.([a-z0-9]{1,8})$/i.exec(parsed.pathname)?.[1]
  if (ending !== undefined && ending.toLowerCase() !== 'pdf') untranslatable('a file is not a PDF')
  return { type: 'document', name, source: { url } }
}

/** A file in a `data:` URL. */
export function documentFromData(url: string, name: string | null): DocumentPart {
  const { mediaType, data } = parseDataUrl(url)
  if (mediaType !== 'application/pdf') untranslatable('a file is not a PDF')
  return { type: 'document', name, source: { data } }
}

export function imageUrl(image: ImagePart): string {
  return 'url' in image.source ? image.source.url : `data:${image.source.mediaType};base64,${image.source.data}`
}

/** `data:image/png;charset=utf-8;base64,…` (RFC 2397): parameters may stand between the type and `base64`. */
function parseDataUrl(url: string): { mediaType: string; data: string } {
  const comma = url.indexOf(',')
  const [mediaType = '', ...parameters] = url.slice('data:'.length, Math.max(comma, 0)).split(';')
  const payload = url.slice(comma + 1)
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64')
  return { mediaType: mediaType.trim().toLowerCase(), data: isBase64 ? payload : encode(payload) }
}

function encode(payload: string): string {
  try {
    return Buffer.from(decodeURIComponent(payload)).toString('base64')
  } catch {
    return untranslatable('a data URL is not well formed')
  }
}
