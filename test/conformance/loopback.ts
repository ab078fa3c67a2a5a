import { Socket } from 'node:net'

const strangers: string[] = []

/** What was to be reached outside of this machine since this file was loaded. No such connection came about. */
export const strangersAsked: readonly string[] = strangers

const connect = Object.getOwnPropertyDescriptor(Socket.prototype, 'connect')!

Object.defineProperty(Socket.prototype, 'connect', {
  ...connect,
  value(this: Socket, ...args: unknown[]): unknown {
    const [first] = args
    const { host, path } = (Array.isArray(first) ? first[0] : first) as { host?: string; path?: string }
    if (path === undefined && host !== undefined && !['127.0.0.1', '::1', 'localhost'].includes(host)) {
      strangers.push(host)
      throw new Error(`the conformance tests connect to nothing but this machine, and this is ${host}`)
    }
    return Reflect.apply(connect.value, this, args)
  },
})
