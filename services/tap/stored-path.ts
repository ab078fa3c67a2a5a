// Parameters that say how the API is to be spoken. All others may be a credential (`key`, `api-key`, `sig`, …).
const plainParameters = new Set(['api-version', 'beta', 'alt', 'stream'])

/** The path as it may be stored: the values of all but known parameters are masked, the fragment is left out. */
export function storedPath(path: string): string {
  const [bare = '', query] = path.replace(/#.*$/s, '').split(/\?(.*)/s, 2)
  if (query === undefined) return bare
  return `${bare}?${query.split('&').map(maskParameter).join('&')}`
}

function maskParameter(parameter: string): string {
  const [name = '', value] = parameter.split(/=(.*)/s, 2)
  // A parameter without a value may be a bare credential.
  if (value === undefined) return plainParameters.has(name.toLowerCase()) ? name : '[MASKED]'
  return plainParameters.has(name.toLowerCase()) ? parameter : `${name}=[MASKED]`
}
