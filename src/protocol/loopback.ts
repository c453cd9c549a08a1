import { isIP } from 'node:net'

/* What belongs to this machine and to no other: the addresses 127.x.y.z and ::1, the names localhost and NAME.localhost (RFC 6761). */

/** @param address of a socket's other end; IPv4 may be written as `::ffff:127.0.0.1` */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

/** @param name as `nameOfHost` cuts it: `localhost`, `bucket.localhost`, `::1` */
export function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name)
}

/**
 * The name in a Host header, lower-case, without port, brackets and the dot of DNS's root.
 * @param host `Bucket.localhost:4566`, `[::1]:4566`; what has no such form is returned as it is
 */
export function nameOfHost(host: string): string {
  const [, address, name = host] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.toLowerCase()) ?? []
  return address ?? (name.endsWith('.') ? name.slice(0, -1) : name)
}
