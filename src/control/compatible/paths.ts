import type { IncomingMessage } from 'node:http'

/** Every path at which a door may be. `_localstack` can be no bucket's name; the others could be, so they are taken as they stand. */
const ours =
  /^\/(?:_localstack(?:\/|$|\?)|moto-api\/reset$|minio\/health\/(?:live|ready|cluster|cluster\/read)$|favicon\.ico$)/

/**
 * Whether a request is for one of the doors rather than for S3: it is not signed, and its Host names no bucket, for which all of
 * these are keys of objects.
 * @param namesBucket whether a Host names a bucket
 */
export function isCompatiblePath(
  { url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>,
  namesBucket: (host: string) => boolean,
): boolean {
  return ours.test(url) && !headers.authorization?.startsWith('AWS') && !namesBucket(headers.host ?? '')
}
