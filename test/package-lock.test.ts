import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

type Locked = { version?: string; optionalDependencies?: Record<string, string>; os?: string[] | string }

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Locked>
}

// `npm ci` refuses a lock without them, on every machine; a lock written where a registry lacks some leaves them out.
test('the lock file names every optional package, also those of other platforms', () => {
  const named = Object.values(packages).flatMap(({ optionalDependencies }) =>
    Object.entries(optionalDependencies ?? {}).map(([name, version]) => ({ name, version })),
  )
  assert.ok(named.length > 40)
  for (const { name, version } of named) {
    const locked = packages[`node_modules/${name}`]?.version
    assert.ok(locked !== undefined, `${name}@${version} is missing from the lock file`)
    if (/^\d/.test(version)) assert.equal(locked, version)
  }
})
