import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type ControlRoute, headersOf, type InputOf, type Parameters, targetOf } from '../control/route.ts'
import { canonicalRequest, formatTime, hmacHex, sha256Hex, signingKey, stringToSign } from '../protocol/signature-v4.ts'
import { addressOf } from './endpoint.ts'
import { readJson } from './request.ts'

/*
 * A client of a running emulator: AWS's own APIs, signed as any client signs. The endpoint and the credentials come from a
 * flag, from the AWS_* variables, or are the emulator's defaults.
 */

export interface ClientFlags {
  endpoint?: string
  region?: string
  /** Opens the emulator's own paths where it is on another machine. */
  controlToken?: string
}

export interface Client {
  endpoint: string
  region: string
  /** An operation of a service that speaks AWS JSON 1.1. @throws Error in one line */
  call(service: 'kms' | 'cloudtrail', operation: string, input: object): Promise<Record<string, unknown>>
  /** The caller's account, by STS GetCallerIdentity. */
  accountId(): Promise<string>
  /**
   * What one of the emulator's own paths answers: what its JSON says, the bytes of a file as they come, or lines as they come.
   * @param signal ends the request
   * @param body JSON's value, or the bytes of a file, where the route has a body
   * @throws Error with its words, when it refuses
   */
  control<Declared extends Parameters, Output extends object, Body>(
    route: ControlRoute<Declared, Output, Body>,
    input: InputOf<Declared>,
    body?: Body,
    signal?: AbortSignal,
  ): Promise<Output>
}

const targetPrefixes = { kms: 'TrentService', cloudtrail: 'CloudTrail_20131101' }

/** As whom and where a client asks. */
export interface Access {
  endpoint: string
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/**
 * @param now ms since the epoch, for signatures
 * @throws OptionFault when the endpoint is not a URL
 */
export function openClient(flags: ClientFlags, environment: NodeJS.ProcessEnv, now: () => number): Client {
  const access = accessFrom(flags, environment)
  return {
    endpoint: access.endpoint,
    region: access.region,

    async call(service, operation, input) {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${targetPrefixes[service]}.${operation}`,
      }
      const { status, text } = await post(access, service, headers, JSON.stringify(input), now())
      const answer = readAnswer(text)
      if (status === 200 && answer) return answer
      if (answer?.__type === undefined) throw notOurs(access.endpoint, status)
      throw new Error([operation, answer.__type, answer.message].filter(Boolean).join(': '))
    },

    async accountId() {
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
      const body = 'Action=GetCallerIdentity&Version=2011-06-15'
      const { status, text } = await post(access, 'sts', headers, body, now())
      const account = /<Account>(\d{12})<\/Account>/.exec(text)?.[1]
      if (account !== undefined) return account
      const [, code, message] = /<Code>(\w+)<\/Code><Message>([^<]*)</.exec(text) ?? []
      if (code === undefined) throw notOurs(access.endpoint, status)
      throw new Error(`GetCallerIdentity: ${code}: ${message}`)
    },

    async control<Declared extends Parameters, Output extends object, Body>(
      route: ControlRoute<Declared, Output, Body>,
      input: InputOf<Declared>,
      body?: Body,
      signal?: AbortSignal,
    ) {
      const token = flags.controlToken ?? (environment.S3KMS_CONTROL_TOKEN || undefined)
      const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const sent = route.body && body !== undefined ? sentBody(route.body.contentType, body) : {}
      const response = await fetch(access.endpoint + targetOf(route, input), {
        method: route.method,
        ...sent,
        signal,
        headers: { ...authorization, ...headersOf(route, input), ...sent.headers },
      }).catch((error) => {
        throw unreachable(access.endpoint, error)
      })
      // What a route of the table answers has the shape that the table gives it.
      const bytes = response.body ?? new ReadableStream()
      if (response.ok && route.answers === 'bytes') return bytes as object as Output
      if (response.ok && route.answers === 'lines') return linesIn(bytes) as object as Output
      const answer = readAnswer(await response.text())
      if (!answer) throw notOurs(access.endpoint, response.status)
      if (response.ok) return answer as Output
      throw new Error(String(answer.message ?? `the emulator answered ${response.status}`))
    },
  }
}

/** @throws Error with the words of a line that is a refusal, or where the answer ends before its time */
async function* linesIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<object> {
  for await (const line of createInterface({ input: Readable.from(bytes) })) {
    const answer = readJson(line)
    if (!answer) throw new Error('the emulator answered no JSON')
    if ('message' in answer) throw new Error(String(answer.message))
    yield answer
  }
}

/** JSON as one text, a file piece by piece. */
function sentBody(contentType: string, body: unknown): RequestInit {
  const headers = { 'content-type': contentType }
  if (contentType === 'application/json') return { headers, body: JSON.stringify(body) }
  return {
    headers,
    body: Readable.toWeb(Readable.from(body as AsyncIterable<Uint8Array>)),
    duplex: 'half',
  } as RequestInit
}

/** @throws OptionFault when the endpoint is not a URL */
export function accessFrom({ endpoint, region }: ClientFlags, environment: NodeJS.ProcessEnv): Access {
  const { origin } = addressOf(endpoint, environment)
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment
  const own = AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
  return {
    endpoint: origin,
    region: region ?? (AWS_REGION || AWS_DEFAULT_REGION || 'us-east-1'),
    accessKeyId: own ? AWS_ACCESS_KEY_ID : 'test',
    secretAccessKey: own ? AWS_SECRET_ACCESS_KEY : 'test',
    sessionToken: own ? AWS_SESSION_TOKEN || undefined : undefined,
  }
}

async function post(
  access: Access,
  service: string,
  headers: Record<string, string>,
  body: string,
  now: number,
): Promise<{ status: number; text: string }> {
  const signed = sign(access, service, headers, body, now)
  try {
    const response = await fetch(access.endpoint, { method: 'POST', headers: signed, body })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    throw unreachable(access.endpoint, error)
  }
}

/**
 * Signs a POST to the endpoint's root, Signature Version 4.
 * @param given headers, by lower-case names
 * @param now ms since the epoch
 * @returns all headers to be sent
 */
export function sign(
  { endpoint, region, accessKeyId, secretAccessKey, sessionToken }: Access,
  service: string,
  given: Record<string, string>,
  body: string,
  now: number,
): Record<string, string> {
  const time = formatTime(now)
  const scope = { date: time.slice(0, 8), region, service }
  const headers: Record<string, string> = { ...given, host: new URL(endpoint).host, 'x-amz-date': time }
  if (sessionToken !== undefined) headers['x-amz-security-token'] = sessionToken
  const signedHeaders = Object.keys(headers).sort()
  const parts = { method: 'POST', path: '/', query: [], headers, signedHeaders, payloadHash: sha256Hex(body) }
  const text = stringToSign(time, scope, canonicalRequest(parts))
  const signature = hmacHex(signingKey(secretAccessKey, scope), text)
  const credential = `${accessKeyId}/${scope.date}/${region}/${service}/aws4_request`
  const { host: _, ...sent } = headers
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
  }
}

/** JSON; some operations answer nothing. */
function readAnswer(text: string): Record<string, unknown> | undefined {
  return text === '' ? {} : readJson(text)
}

function notOurs(endpoint: string, status: number): Error {
  return new Error(`${endpoint} answered ${status}, not as s3kms-emu does: is it another server?`)
}

/** Why fetch failed lies in the cause; people need to know what to do about it. */
function unreachable(endpoint: string, error: unknown): Error {
  const { cause = error } = Object(error)
  const { code = '', message = String(cause) } = Object(cause)
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') {
    return new Error(`no emulator at ${endpoint}: start one with "s3kms-emu start", or name it with --endpoint`)
  }
  if (String(code).includes('CERT')) {
    return new Error(`the certificate of ${endpoint} is not trusted: name its file in NODE_EXTRA_CA_CERTS`)
  }
  return new Error(`${endpoint} cannot be asked: ${message}`)
}
