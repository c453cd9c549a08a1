import type { Endpoint, HttpAnswer, HttpCall } from '../protocol/http.ts'

/*
 * What pages of an origin given by --allow-origin read of KMS, IAM, STS and CloudTrail, all of which are called by POST to `/`:
 *
 *   OPTIONS /, Access-Control-Request-Method: POST, …-Headers: authorization, …  ─▶ 200
 *   POST /                                                                        ─▶ their answer, with what lets the page read it
 *
 * S3 goes by the rules of its buckets, and no page of another origin reads anything (evidence: cors-of-services).
 */

export interface AllowedPages {
  /** Whether such a page asks whether it may call one of these services. */
  isPreflight(call: HttpCall): boolean
  /** Lets such pages read what an endpoint answers. */
  readable(endpoint: Endpoint): Endpoint
}

const exposed = 'x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date'
/** Seconds. */
const maxAge = '600'

/** @param origins as browsers write them */
export function allowedPages(origins: readonly string[]): AllowedPages {
  const allowed = new Set(origins)
  const isAllowed = ({ headers: { origin } }: HttpCall) => origin !== undefined && allowed.has(origin)
  const readable: AllowedPages['readable'] = (endpoint) => {
    return allowed.size === 0 ? endpoint : (call) => answerReadably(endpoint, call)
  }
  const answerReadably = async (endpoint: Endpoint, call: HttpCall): Promise<HttpAnswer> => {
    if (!isAllowed(call)) return endpoint(call)
    const answer: HttpAnswer = call.method === 'OPTIONS' ? { status: 200, headers: {} } : await endpoint(call)
    return { ...answer, headers: { ...answer.headers, ...headersFor(call) } }
  }
  return { isPreflight: (call) => isPreflightOfServices(call) && isAllowed(call), readable }
}

/** A form to a bucket goes to `/` too, where the host names the bucket, but has no such header. */
function isPreflightOfServices({ method, path, query, headers }: HttpCall): boolean {
  if (method !== 'OPTIONS' || path !== '/' || query !== '') return false
  if (headers['access-control-request-method'] !== 'POST') return false
  const names = headers['access-control-request-headers']?.toLowerCase().split(',') ?? []
  return names.some((name) => name.trim() === 'authorization')
}

function headersFor({ headers }: HttpCall): Record<string, string | undefined> {
  return {
    'access-control-allow-origin': headers.origin,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': headers['access-control-request-headers'],
    'access-control-expose-headers': exposed,
    'access-control-max-age': maxAge,
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}
