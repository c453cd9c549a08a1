import type { HttpCall } from '../protocol/http.ts'
import { readQuery } from '../protocol/query.ts'
import { remembering } from '../protocol/remembered.ts'
import { decodeForm, encodeForm } from '../protocol/uri.ts'
import { s3Errors } from './errors.ts'

/*
 * Which bucket and key a request means, cut from the RAW target and the Host header:
 *
 *   path style          s3.REGION.DOMAIN    /BUCKET/KEY
 *   virtual-host style  BUCKET.s3.REGION.DOMAIN   /KEY       also BUCKET.s3-REGION…, BUCKET.s3.DOMAIN, BUCKET.localhost
 *
 * Keys are bytes: `//`, `..` and `%2F` stay what they are; only percent-encoding is undone, once.
 * Source: Amazon S3 User Guide, "Virtual hosting of general purpose buckets".
 */

export interface Address {
  /** Empty: the service itself. */
  bucket: string
  /** Empty: the bucket itself. */
  key: string
  /** Whether the host names the bucket, rather than the path. */
  virtualHost: boolean
}

/** Everything before `s3.REGION` or `s3-REGION`, which any domain may follow; greedy, as a bucket's name may hold `.s3.` too. */
const regionalHost = /^(?:(.+)\.)?s3[.-](?:dualstack\.|fips\.)?[a-z]{2}(?:-[a-z]+)+-\d+(?:\.|$)/
/** The last is LocalStack's, all of which DNS resolves to 127.0.0.1. */
const builtInDomains = ['s3.amazonaws.com', 's3.localhost', 'localhost', 's3.localhost.localstack.cloud']
const rememberedHosts = 1000
const maximumKeySize = 1024

/**
 * A reader of addresses. It remembers the hosts it has seen, because clients name the same few over and over.
 * @param baseDomains domains under which `BUCKET.DOMAIN` addresses a bucket, beside the built-in ones
 */
export function addressReader(baseDomains: readonly string[]): (path: string, host: string | undefined) => Address {
  const bucketOf = hostReader(baseDomains)
  return (path, host = '') => {
    const bucket = bucketOf(host)
    const virtualHost = bucket !== ''
    const address = virtualHost ? { bucket, key: path.slice(1) } : cutPath(path)
    return { bucket: decode(address.bucket, path), key: checkedKey(decode(address.key, path)), virtualHost }
  }
}

/** A reader of the bucket that a Host header names; empty for path style. */
export function hostReader(baseDomains: readonly string[]): (host: string) => string {
  const domains = [...baseDomains.map((domain) => domain.toLowerCase()), ...builtInDomains]
  domains.sort((a, b) => b.length - a.length)
  const remembered = remembering<string>(rememberedHosts)
  const derive = (host: string) => bucketOfHost(host, domains)
  return (host) => remembered(host, derive)
}

/** The bucket a Host header names; empty for path style. */
function bucketOfHost(host: string, domains: readonly string[]): string {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const regional = regionalHost.exec(name)
  if (regional) return regional[1] ?? ''
  const domain = domains.find((candidate) => name === candidate || name.endsWith(`.${candidate}`))
  if (domain === undefined || name === domain) return ''
  const bucket = name.slice(0, -domain.length - 1)
  return bucket === 's3' ? '' : bucket
}

function cutPath(path: string): Pick<Address, 'bucket' | 'key'> {
  const slash = path.indexOf('/', 1)
  if (slash < 0) return { bucket: path.slice(1), key: '' }
  return { bucket: path.slice(1, slash), key: path.slice(slash + 1) }
}

/** @throws AwsError InvalidURI for percent-encoding that is broken or is not UTF-8 */
function decode(raw: string, path: string): string {
  const decoded = decodeForm(raw)
  if (decoded === undefined) throw s3Errors.InvalidURI(path)
  return decoded
}

/** @throws AwsError KeyTooLongError */
export function checkedKey(key: string): string {
  if (key.length * 3 <= maximumKeySize) return key
  const size = Buffer.byteLength(key)
  if (size > maximumKeySize) throw s3Errors.KeyTooLongError(size)
  return key
}

/**
 * The object's URL in the style in which it was addressed, its key encoded as a form does: `d/s p` is `d%2Fs+p`
 * (evidence: s3-location).
 * @param bucket its name
 */
export function objectUrl(
  { call, virtualHost }: { call: HttpCall; virtualHost: boolean },
  bucket: string,
  key: string,
) {
  const origin = `${call.secure ? 'https' : 'http'}://${call.headers.host ?? 's3.amazonaws.com'}`
  return `${origin}${virtualHost ? '' : `/${bucket}`}/${encodeForm(key)}`
}

/**
 * The query's parameters, decoded; a name without `=` has the value ''. The first of a name wins.
 * @throws AwsError InvalidURI for percent-encoding that is broken or is not UTF-8
 */
export function readParameters(query: string): ReadonlyMap<string, string> {
  const read = readQuery(query)
  if (!read) throw s3Errors.InvalidURI(query)
  return read.parameters
}
