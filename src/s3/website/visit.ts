import type { HttpCall } from '../../protocol/http.ts'
import { nameOfHost } from '../../protocol/loopback.ts'
import { decodeForm } from '../../protocol/uri.ts'
import { readWebsiteHost } from '../../protocol/website-host.ts'
import { addressReader, checkedKey } from '../address.ts'
import { s3Errors } from '../errors.ts'
import type { S3Services } from '../operation.ts'

/*
 * Which bucket's page is asked for:
 *
 *   BUCKET.s3-website.localhost:4566/KEY     a website's host, on any port
 *   BUCKET.localhost:PORT/KEY                on the websites' own port (--website-port): as for S3,
 *   www.example.com:PORT/KEY                   the bucket that has the host's name, as a CNAME has it on AWS,
 *   127.0.0.1:PORT/BUCKET/KEY                  or the first segment of the path
 */

/** A request for a page. */
export interface Visit {
  call: HttpCall
  /** Empty where nothing names one. */
  bucket: string
  /** Decoded; empty for the front page. */
  key: string
  /** What stands before the keys in the paths of this site: nothing, or `/BUCKET`. */
  base: string
  /** The Region that the host names. */
  region?: string
}

/**
 * Makes a reader of visits.
 * @returns a function that throws AwsError InvalidURI, KeyTooLongError
 */
export function visitReader({
  settings,
  buckets,
}: Pick<S3Services, 'settings' | 'buckets'>): (call: HttpCall) => Visit {
  const readAddress = addressReader(settings.baseDomains)
  return (call) => {
    const { host = '' } = call.headers
    const website = readWebsiteHost(host)
    if (website) return { call, ...website, key: keyOf(call.path), base: '' }
    const name = nameOfHost(host)
    if (buckets.find(name)) return { call, bucket: name, key: keyOf(call.path), base: '' }
    const { bucket, key, virtualHost } = readAddress(call.path, host)
    return { call, bucket, key, base: virtualHost || bucket === '' ? '' : `/${call.path.split('/', 2)[1]}` }
  }
}

function keyOf(path: string): string {
  const key = decodeForm(path.slice(1))
  if (key === undefined) throw s3Errors.InvalidURI(path)
  return checkedKey(key)
}

/** The path and the query as they were sent, without what stands before the keys. */
export function targetOf({ call: { path, query }, base }: Visit): string {
  const target = path.slice(base.length) || '/'
  return query === '' ? target : `${target}?${query}`
}
