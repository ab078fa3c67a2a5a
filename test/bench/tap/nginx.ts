import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { versionOf } from './install.ts'
import { freePort, start, type Started, startedOf, untilAnswers } from './process.ts'

// Debian's place for it is not on everybody's path.
const program = ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find((path) => existsSync(path)) ?? 'nginx'

export const nginxVersion = (): string | null => versionOf(program, '-v')?.replace(/^.*nginx\//s, '') ?? null

export type NginxOptions = { upstream: string; mirror?: string; folder: string; core: number }

/** One worker, kept connections, nothing buffered on the way back. Its mirror is `mirror`: requests only, answers ignored. */
export async function startNginx(options: NginxOptions): Promise<Started & { url: string }> {
  const port = await freePort()
  mkdirSync(options.folder, { recursive: true })
  const file = join(options.folder, 'nginx.conf')
  writeFileSync(file, configOf(options, port))
  const master = start([program, '-c', file], { core: options.core })
  const url = `http://127.0.0.1:${port}`
  await untilAnswers(url, master.child, 10_000)
  const { pid } = master.child
  const worker = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
  return { ...startedOf(master.child, () => worker), url }
}

function configOf({ upstream, mirror, folder }: NginxOptions, port: number): string {
  const pool = (name: string, url: string): string =>
    `upstream ${name} { server ${new URL(url).host}; keepalive 1024; keepalive_requests 1000000000; }`
  const forward = (name: string, path = ''): string =>
    `proxy_pass http://${name}${path}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_buffering off;`
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${join(folder, kind)};`,
  )
  return `${process.getuid?.() === 0 ? 'user root;\n' : ''}worker_processes 1;
daemon off;
pid ${join(folder, 'nginx.pid')};
error_log /dev/null crit;
events { worker_connections 8192; }
http {
${temporary.join('\n')}
  access_log off;
  client_max_body_size 0;
  client_body_buffer_size 2m;
  keepalive_requests 1000000000;
  ${pool('provider', upstream)}
  ${mirror === undefined ? '' : pool('mirrored', mirror)}
  server {
    listen 127.0.0.1:${port};
    location / {
      ${mirror === undefined ? '' : 'mirror /mirror;'}
      ${forward('provider')}
    }
    ${mirror === undefined ? '' : `location = /mirror { internal; ${forward('mirrored', '$request_uri')} }`}
  }
}
`
}
