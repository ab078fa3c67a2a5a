import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { measureExchanges, mergedRequest, type Subject } from './measure.ts'
import { startNginx, nginxVersion } from './nginx.ts'
import { type Started } from './process.ts'
import { type About } from './results.ts'
import { type Peer, startTapTarget, type Surroundings, type Target } from './targets.ts'
import { fullAnswerBody, requestOf } from './wire.ts'

type Provider = Started & { urls: string[] }
type Parts = { around: Surroundings; provider: Provider; slowMirror: string; broker: string }
type Subjects = { subjects: Subject[]; peers: About['peers']; running: Started[] }

/** A peer that cannot be had is named with the reason; the run goes on without it. */
export async function startSubjects(wanted: Peer[], parts: Parts): Promise<Subjects> {
  const { around, provider } = parts
  const [direct, second] = provider.urls.map((url, index) => {
    return { name: index === 0 ? 'direct' : 'direct, second port', started: provider, url, request: {} }
  })
  const tap = await startTapTarget(around, { name: 'tap' })
  const deadBroker = await startTapTarget(around, { name: 'tap, dead broker', broker: parts.broker })
  const running: Started[] = [tap.started, deadBroker.started]
  const subjects = [direct!, second!, tap, deadBroker].map((target) => exact(target))
  subjects.push({ ...exact(tap), name: 'tap, mirror off', request: { headers: { 'x-understudy': 'off' } } })
  const found: About['peers'] = []
  for (const peer of wanted) {
    const { subject, ...about } = await startPeer(peer, around)
    found.push(about)
    if (subject === null) continue
    subjects.push(subject)
    running.push(subject.target.started)
  }
  if (wanted.some(({ name }) => name === 'nginx mirror') && nginxVersion() !== null) {
    const name = 'nginx, slow mirror'
    const started = await startNginx({ ...around, mirror: parts.slowMirror, folder: join(around.folder, 'nginx-slow') })
    subjects.push(exact({ name, started, url: started.url, request: {} }))
    running.push(started)
  }
  return { subjects, peers: found, running }
}

function exact(target: Target): Subject {
  return { name: target.name, target, expected: fullAnswerBody }
}

async function startPeer(
  peer: Peer,
  around: Surroundings,
): Promise<About['peers'][number] & { subject: Subject | null }> {
  const { name, version, note } = peer
  process.stderr.write(`starting ${name}\n`)
  try {
    const target = await peer.start(around)
    const subject = exact(target)
    const { keepsRequest, keepsAnswer } = await proved(subject)
    // One that writes answers anew is measured all the same; the table says so.
    return {
      name,
      version,
      note,
      missing: null,
      keepsRequest,
      keepsAnswer,
      subject: keepsAnswer ? subject : { ...subject, expected: null },
    }
  } catch (err) {
    const [reason] = String(err instanceof Error ? err.message : err).split('\n')
    process.stderr.write(`${name} is left out: ${reason}\n`)
    return { name, version, note, missing: reason!, keepsRequest: null, keepsAnswer: null, subject: null }
  }
}

/** Do the bytes of both bodies arrive as they were sent? Throws where it does not serve at all. */
async function proved(subject: Subject): Promise<{ keepsRequest: boolean; keepsAnswer: boolean }> {
  const request = requestOf({ ...mergedRequest(subject), body: { user: 'prove' } })
  const body = request.subarray(request.indexOf('\r\n\r\n') + 4)
  const answer = await fetch(`${subject.target.url}/v1/chat/completions`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer sk-bench',
      ...subject.target.request.headers,
    },
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`it answers ${answer.status}: ${text.slice(0, 200)}`)
  const { altered } = await measureExchanges(subject, subject.target.started, { connections: 1, seconds: 0.1 })
  return { keepsRequest: text.includes(createHash('sha256').update(body).digest('hex')), keepsAnswer: altered === 0 }
}
