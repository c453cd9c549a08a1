import type { HttpAnswer } from '../../protocol/http.ts'
import { encodeUriPath } from '../../protocol/uri.ts'
import type { Website } from '../configurations/bucket-website.ts'
import type { RequestIds } from '../http/request-ids.ts'
import type { S3Answer } from '../operation.ts'
import { examine, open, type Reader, redirectLocation, Unreadable, unconditional } from './documents.ts'
import { errorAnswer, errorHeaders } from './error-page.ts'
import { websiteErrors } from './errors.ts'
import {
  isForErrors,
  redirect,
  redirectionByRule,
  redirectionOfAll,
  redirectionOfObject,
  ruleFor,
  rulesFor,
} from './redirects.ts'
import type { Visit } from './visit.ts'

/*
 * A visit to a website, in the order of AWS's answers (evidence: s3-website-order):
 *
 *   everything is redirected → a rule of a prefix alone → the object, its folder's index (302), or an error
 *   → the first rule that fits that → the object's own redirect → the object
 *
 * An error of 4xx is shown by the error document, where that can be read, else by a page of S3's.
 */

/** A visit to a website that is there. */
export interface Site {
  visit: Visit
  website: Website
  reader: Reader
  ids: RequestIds
}

/** What there is at a key: an object, a folder that has an index, or an error. */
type Found = { key: string; object: S3Answer } | { folder: string } | { error: Unreadable }

/**
 * The page that a visitor asks for, or where it is.
 * @throws Unreadable
 */
export async function pageOf(site: Site): Promise<HttpAnswer> {
  const { visit, website, ids } = site
  if (website.RedirectAllRequestsTo) return redirect(redirectionOfAll(visit, website.RedirectAllRequestsTo))
  const rules = rulesFor(visit.key, website)
  const first = rules[0]
  if (first && !isForErrors(first)) return redirect(redirectionByRule(visit, first))
  const found = await find(site)
  const rule = ruleFor(statusOf(found), rules)
  if (rule) return redirect(redirectionByRule(visit, rule))
  if ('error' in found) throw found.error
  if ('folder' in found) return errorAnswer(websiteErrors.Found(found.folder), ids, visit.call.method)
  return show(site.reader, visit, found.key)
}

/**
 * The error document, or S3's own page where there is none, or none that can be read.
 * @param error why the page cannot be shown
 */
export async function errorPageOf({ visit, website, reader, ids }: Site, { refusal }: Unreadable): Promise<HttpAnswer> {
  const { method } = visit.call
  const key = website.ErrorDocument?.Key
  if (key === undefined || refusal.status >= 500) return errorAnswer(refusal, ids, method)
  try {
    const whole = unconditional(reader)
    await examine(whole, key)
    const answer = await show(whole, visit, key)
    if (answer.status !== 200) return answer
    return { ...answer, status: refusal.status, headers: { ...answer.headers, ...errorHeaders(refusal) } }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return errorAnswer(refusal, ids, method, error.refusal)
  }
}

async function find({ visit, website, reader }: Site): Promise<Found> {
  const { key, base } = visit
  const suffix = website.IndexDocument?.Suffix ?? ''
  // The path is that of the site, without the slash that its links are relative to.
  if (base !== '' && visit.call.path === base) return { folder: `${base}/` }
  const isFolder = key === '' || key.endsWith('/')
  const document = isFolder ? key + suffix : key
  try {
    return { key: document, object: await examine(reader, document) }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    const hasIndex = error.isMissing && !isFolder && (await isThere(unconditional(reader), `${key}/${suffix}`))
    return hasIndex ? { folder: `${base}/${encodeUriPath(key)}/` } : { error }
  }
}

async function isThere(reader: Reader, key: string): Promise<boolean> {
  try {
    await examine(reader, key)
    return true
  } catch (error) {
    if (error instanceof Unreadable) return false
    throw error
  }
}

function statusOf(found: Found): number {
  if ('error' in found) return found.error.refusal.status
  return 'folder' in found ? 302 : (found.object.status ?? 200)
}

/** @throws Unreadable where it has gone meanwhile */
async function show(reader: Reader, visit: Visit, key: string): Promise<HttpAnswer> {
  const location = redirectLocation(reader, key)
  if (location !== undefined) return redirect(redirectionOfObject(visit, location))
  const { status = 200, headers = {}, body } = await open(reader, key)
  return { status, headers, body }
}
