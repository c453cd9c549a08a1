import type { Endpoint, HttpCall } from '../protocol/http.ts'
import { bucketRecords } from '../s3/records/buckets.ts'
import { consoleUser } from './console-user.ts'
import type { ConsoleParts } from './services.ts'

/** Under it lies S3, with its own paths: `/s3/BUCKET/KEY?versionId=…`. */
export const s3Prefix = '/s3'

/** What belongs to the console's own request, not to S3's. */
const own = new Set(['authorization', 'cookie', 'host', 'origin', 'referer', 'x-s3kms-console'])

/**
 * S3 as the console's user has it: the same endpoint that serves everybody, called in process. What it answers is shown by the page,
 * never run: nothing of it is a document of the console's origin.
 */
export function s3Endpoint({ services, settings }: Pick<ConsoleParts, 'services' | 'settings'>): Endpoint {
  return async (call) => {
    const { endpoints, inProcess } = services()
    const path = call.path.slice(s3Prefix.length) || '/'
    const bucket = inProcess.database.get(bucketRecords, [bucketIn(path)])
    const session = {
      caller: consoleUser(settings.accountId),
      region: bucket?.region ?? settings.region,
      service: 's3' as const,
    }
    const answer = await endpoints.s3({ ...call, path, headers: headersFor(call), secure: true, session })
    const headers = { ...answer.headers, ...harmless, 'x-s3kms-content-type': answer.headers['content-type'] }
    return { ...answer, headers }
  }
}

/** Whatever was stored, a browser that is led here shows it as bytes, and runs nothing of it. */
const harmless = {
  'content-type': 'application/octet-stream',
  'content-disposition': 'attachment',
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  location: undefined,
}

function headersFor({ headers }: HttpCall): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !own.has(name) && !name.startsWith('sec-'))
  return { ...Object.fromEntries(kept), host: 'localhost' }
}

function bucketIn(path: string): string {
  const [, name = ''] = path.split('/')
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
