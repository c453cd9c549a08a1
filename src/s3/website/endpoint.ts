import type { Endpoint, HttpAnswer } from '../../protocol/http.ts'
import { BucketWebsite } from '../configurations/bucket-website.ts'
import { s3Errors } from '../errors.ts'
import { loggersOf, withAccessLog } from '../http/access-logging.ts'
import { checkPreflight, isNamedByRule, readableByPage } from '../http/cors.ts'
import { refusalOf } from '../http/refusal.ts'
import { type RequestIds, requestIdSource } from '../http/request-ids.ts'
import type { S3Services } from '../operation.ts'
import { anonymous, Unreadable } from './documents.ts'
import { errorAnswer } from './error-page.ts'
import { websiteEndpoint, websiteErrors } from './errors.ts'
import { redirect } from './redirects.ts'
import { errorPageOf, pageOf, type Site } from './site.ts'
import { type Visit, visitReader } from './visit.ts'

/*
 * Buckets as websites, over HTTP:
 *
 *   address → OPTIONS: CORS → GET and HEAD alone (405) → bucket → its Region → its configuration → the page (`site.ts`)
 *
 * Everything that goes wrong is told in HTML.
 */

const front = { status: 301, location: 'https://aws.amazon.com/s3/' }

/** Serves the websites of all buckets. It never rejects. */
export function createWebsiteEndpoint(services: S3Services): Endpoint {
  const nextIds = requestIdSource(services.ambient)
  const readVisit = visitReader(services)
  return async (call) => {
    const ids = nextIds()
    const { requestId, hostId } = ids
    const received = services.ambient.now()
    let visit: Visit | undefined
    let answer: HttpAnswer
    try {
      visit = readVisit(call)
      answer = await serve(services, visit, ids)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal !== error && refusal.status === 500) services.log.error('a website failed', error, { requestId })
      answer = errorAnswer(refusal, ids, call.method)
    }
    services.log.debug(`website ${call.method} ${answer.status}`, { bucket: visit?.bucket, requestId })
    Object.assign(answer.headers, { 'x-amz-id-2': hostId, 'x-amz-request-id': requestId, server: 'AmazonS3' })
    if (!visit) return answer
    if (services.trail.wantsDataEvents) await recordPage(services, visit, { ...ids, received }, answer)
    return logged(services, visit, { ...ids, received }, readableByPage(services, call, visit.bucket, answer))
  }
}

/** Of visits to a bucket, for a page. */
async function recordPage(
  services: S3Services,
  visit: Visit,
  { requestId, received }: RequestIds & { received: number },
  answer: HttpAnswer,
): Promise<void> {
  const { call } = visit
  const bucket = services.buckets.find(visit.bucket)
  if (!bucket || (call.method !== 'GET' && call.method !== 'HEAD')) return
  const { recordVisit } = await import('./data-event.ts')
  await recordVisit(services, { services, bucket, call, requestId }, pageKeyOf(services, visit), received, answer)
}

/** The key of the page that is asked for: of a folder its index. */
function pageKeyOf(services: S3Services, { bucket, key }: Visit): string {
  if (key !== '' && !key.endsWith('/')) return key
  return key + (BucketWebsite.find(services, bucket)?.IndexDocument?.Suffix ?? '')
}

/** Access logs tell of visits as of calls, by the key of the page that was shown. */
function logged(
  services: S3Services,
  visit: Visit,
  noted: RequestIds & { received: number },
  answer: HttpAnswer,
): HttpAnswer | Promise<HttpAnswer> {
  const { call, bucket } = visit
  const loggers = loggersOf(services, bucket, anonymous(call))
  if (!loggers) return answer
  const request = {
    ...noted,
    operation: `WEBSITE.${call.method}.OBJECT`,
    key: pageKeyOf(services, visit),
    call,
    authentication: undefined,
    answered: services.ambient.now(),
    errorCode: answer.headers['x-amz-error-code'],
    deletions: undefined,
  }
  return withAccessLog(services, loggers, request, answer)
}

/** @throws AwsError */
async function serve(services: S3Services, visit: Visit, ids: RequestIds): Promise<HttpAnswer> {
  if (visit.call.method === 'OPTIONS') {
    checkPreflight(services, visit.call, visit)
    return { status: 200, headers: {} }
  }
  refuseForeignPage(services, visit)
  const site = siteOf(services, visit, ids)
  if (!site) return redirect(front)
  try {
    return await pageOf(site)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    await services.access.noteFailure(error.call, error.refusal)
    return await errorPageOf(site, error)
  }
}

/**
 * Whoever follows a link is let in: the page that has the link learns nothing by it.
 * @throws AwsError AccessDenied
 */
function refuseForeignPage(services: S3Services, { call, bucket }: Visit): void {
  const { foreignPage, method, headers } = call
  if (foreignPage === undefined || isNamedByRule(services, call, bucket)) return
  if (headers['sec-fetch-mode'] === 'navigate' && method === 'GET') return
  throw s3Errors.AccessDenied(foreignPage.refusal)
}

/**
 * @returns undefined where nothing names a bucket
 * @throws AwsError MethodNotAllowed, NoSuchBucket, IncorrectEndpoint, NoSuchWebsiteConfiguration
 */
function siteOf(services: S3Services, visit: Visit, ids: RequestIds): Site | undefined {
  const { call, region } = visit
  if (call.method !== 'GET' && call.method !== 'HEAD') throw websiteErrors.MethodNotAllowed(call.method)
  if (visit.bucket === '') return undefined
  const bucket = services.buckets.get(visit.bucket)
  if (region !== undefined && region !== bucket.region) {
    throw websiteErrors.IncorrectEndpoint(websiteEndpoint(bucket.name, bucket.region))
  }
  const website = BucketWebsite.find(services, bucket.name)
  if (!website) throw s3Errors.NoSuchWebsiteConfiguration(bucket.name)
  return { visit, website, ids, reader: { services, bucket, call, requestId: ids.requestId } }
}
