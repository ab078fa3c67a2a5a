import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = import.meta.dirname

/**
 * Builds the dashboard into `dist`. Run by `npm ci` itself, so an installation without the tools for building is no failure:
 * the report then serves its page without scripts.
 */
export async function buildWeb(outDir = join(root, 'dist')): Promise<boolean> {
  if (!isInstalled('vite') || !existsSync(join(root, 'index.html'))) return false
  const { build } = await import('vite')
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    base: './',
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // The drawing library, which no first view waits for.
      chunkSizeWarningLimit: 700,
      // No file is inlined: what the page may load is told by address alone (`script-src 'self'`).
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // Contracts are imported for their types, which must not bring their schemas along.
      rolldownOptions: {
        treeshake: { moduleSideEffects: [{ test: /\/(shared|report\/(?!web))/, sideEffects: false }] },
      },
    },
  })
  compressIn(outDir)
  return true
}

/** Beside each file what a browser that can is sent instead. */
function compressIn(folder: string): void {
  for (const name of globSync('**/*.{html,js,css,svg}', { cwd: folder })) {
    const bytes = readFileSync(join(folder, name))
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, quality))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes))
  }
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

if (import.meta.main && !(await buildWeb())) {
  process.stderr.write(
    'understudy: the dashboard is not built, because vite is not installed: run npm ci with dev dependencies\n',
  )
}
