import { createHash } from 'node:crypto'
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { signer } from '../../src/protocol/signing.fixture.ts'
import type { Journey } from '../emulator.ts'

/* Who tries every door: nobody, another account's administrator, and a user of the own account, who has what he is granted. */

export const otherAccount = '999999999999'
/** Of the account's own administrator. */
export const administrator = { accessKeyId: 'test', secretAccessKey: 'test' }
export const stranger = { accessKeyId: otherAccount, secretAccessKey: 'any' }
export const nobody = undefined

export type Keys = { accessKeyId: string; secretAccessKey: string } | undefined

export interface Sent {
  method: string
  path: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: string
}

export interface Answer {
  status: number
  text: string
}

/** Sends a request signed with these keys, or without any. */
export async function send(
  { endpoint, ambient }: Journey,
  service: string,
  keys: Keys,
  request: Sent,
): Promise<Answer> {
  const { method, path, query = {}, body = '' } = request
  const { protocol, hostname, port, host } = new URL(endpoint)
  const hash = createHash('sha256').update(body).digest('hex')
  const headers = { ...request.headers, ...(service === 's3' && { 'x-amz-content-sha256': hash }) }
  const unsigned = { method, protocol, hostname, port: Number(port), path, query, headers: { host, ...headers }, body }
  const signed = keys && (await signer(service, keys).sign(unsigned, { signingDate: new Date(ambient.now()) }))
  const { host: _, ...sent } = signed?.headers ?? { host, ...headers }
  const search = new URLSearchParams(query).toString()
  const hasBody = method === 'PUT' || method === 'POST'
  const answer = await fetch(`${endpoint}${path}${search && `?${search}`}`, {
    method,
    headers: sent,
    ...(hasBody && { body }),
  })
  return { status: answer.status, text: await answer.text() }
}

export interface User {
  arn: string
  keys: NonNullable<Keys>
  /** Gives him these rights and no others. */
  grant(...statements: object[]): Promise<void>
}

/** A user who may do nothing. */
export async function makeUser({ configuration }: Journey, UserName: string): Promise<User> {
  const iam = new IAMClient(configuration)
  const { User } = await iam.send(new CreateUserCommand({ UserName }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const own = { UserName, PolicyName: 'granted' }
  let has = false
  return {
    arn: User?.Arn ?? '',
    keys: { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' },
    async grant(...Statement) {
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
      if (Statement.length > 0) await iam.send(new PutUserPolicyCommand({ ...own, PolicyDocument }))
      else if (has) await iam.send(new DeleteUserPolicyCommand(own))
      has = Statement.length > 0
    },
  }
}
