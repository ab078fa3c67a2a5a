/** What every client asks. */

export const question = 'Wie warm ist es in Tromsø? 🌡️'

/** A tool, and what it gives. */
export const place = { name: 'temperature', description: 'The temperature of a place' }
export const result = '{"celsius":7}'

export const placeSchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const }, celsius: { type: 'number' as const } },
  required: ['city', 'celsius'],
  additionalProperties: false as const,
}
