import { type Access, sign } from '../client.ts'
import { request } from '../request.ts'
import type { Finding } from './finding.ts'

const remedies: Readonly<Record<string, string>> = {
  InvalidClientTokenId:
    'no such access key: take test, or one that fixtures or CreateAccessKey made; or AWS_SESSION_TOKEN belongs to another',
  SignatureDoesNotMatch: 'the secret is another one, a proxy changed the request, or one of the clocks is wrong',
  ExpiredToken: 'the session has ended: unset AWS_SESSION_TOKEN, or assume the role again',
}

/** A signed call that nobody may be refused: who am I? */
export async function examineSignature(access: Access, now: () => number): Promise<Finding> {
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  const given = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const headers = sign(access, 'sts', given, body, now())
  const check = 'signature'
  try {
    const { status, text } = await request(new URL(access.endpoint), {
      method: 'POST',
      headers,
      body,
      trust: 'unverified',
    })
    const arn = /<Arn>([^<]+)<\/Arn>/.exec(text)?.[1]
    if (arn !== undefined) return { check, status: 'ok', found: `you are ${arn}` }
    const [, code = String(status), message = 'no answer of STS'] =
      /<Code>(\w+)<\/Code>\s*<Message>([^<]*)</.exec(text) ?? []
    return { check, status: 'fault', found: `${code}: ${message}`, remedy: remedies[code] }
  } catch (error) {
    return { check, status: 'fault', found: String(Object(error).message || error) }
  }
}
