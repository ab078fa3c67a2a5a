import { ok } from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { builtWeb } from '../../../support/built-web.ts'

const web = join(import.meta.dirname, '../../../../services/report/web')
const isBuilt = await builtWeb()
const skip = isBuilt ? false : 'the dashboard cannot be built here: vite is not installed'

test('what the first view waits for is 250 KB of script at most, and draws no charts', { skip }, () => {
  const page = readFileSync(join(web, 'dist/index.html'), 'utf8')
  const scripts = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, path]) =>
    readFileSync(join(web, 'dist', path!)),
  )
  const bytes = scripts.reduce((sum, script) => sum + gzipSync(script).length, 0)
  ok(scripts.length > 0 && bytes <= 250_000, `${bytes} bytes`)
  ok(!scripts.some((script) => script.includes('zrender')))
})

test('the page has nothing inline and loads nothing from elsewhere', { skip }, () => {
  const page = readFileSync(join(web, 'dist/index.html'), 'utf8')
  ok(!/<style|<script(?![^>]*src=)|\son[a-z]+=|style=/.test(page), page)
  ok(!/(?:src|href)="(?:https?:)?\/\//.test(page), page)
})

test('no component writes markup', () => {
  for (const file of globSync('src/**/*.{ts,tsx}', { cwd: web })) {
    const text = readFileSync(join(web, file), 'utf8')
    ok(!/dangerouslySetInnerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/.test(text), file)
  }
})

test('the dashboard imports contracts, and of the report only what needs neither a store nor Node', () => {
  const allowed =
    /^(?:services\/report\/web\/src\/|shared\/contracts\/|services\/report\/(?:words|sentence)\.ts|services\/report\/(?:format\/rows|facts|sections)\b)/
  const root = join(import.meta.dirname, '../../../..')
  for (const file of globSync('services/report/web/src/**/*.{ts,tsx}', { cwd: root })) {
    for (const [, path] of readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const to = normalize(join(dirname(file), path!))
      ok(allowed.test(to), `${file} imports ${to}`)
    }
  }
})
