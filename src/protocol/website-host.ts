/*
 * Names under which a bucket is a website rather than a store (AWS: "Website endpoints"):
 *
 *   BUCKET.s3-website-REGION.DOMAIN    BUCKET.s3-website.REGION.DOMAIN    BUCKET.s3-website.DOMAIN
 *
 * Any domain may follow, as for S3 itself: amazonaws.com, localhost, localhost.localstack.cloud. A bucket's name may hold dots.
 */

export interface WebsiteHost {
  /** Empty where the host names none. */
  bucket: string
  /** Where the host names one. */
  region?: string
}

const label = 's3-website'
/** What follows the label: a Region behind `.` or `-`, or nothing, and then the domain. */
const behindLabel = /^(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d+))?(?:\.|$)/

/**
 * Reads a Host header.
 * @param host `bucket.s3-website.localhost:4566`
 * @returns undefined for a host that is no website's
 */
export function readWebsiteHost(host: string | undefined): WebsiteHost | undefined {
  // Every request comes by here.
  if (host === undefined || !/s3-website/i.test(host)) return undefined
  const name = host.replace(/:\d*$/, '').toLowerCase()
  const begin = name.lastIndexOf(label)
  if (begin > 0 && name[begin - 1] !== '.') return undefined
  const match = behindLabel.exec(name.slice(begin + label.length))
  return match ? { bucket: name.slice(0, Math.max(begin - 1, 0)), region: match[1] } : undefined
}
