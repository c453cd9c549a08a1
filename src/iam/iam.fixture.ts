import { Explanations } from '../access/explanations.ts'
import { TurnableAmbient } from '../ambient.ts'
import { type Caller, userCaller } from '../aws/caller.ts'
import { openPrincipals } from '../identity/principals.ts'
import { fetchFrom } from '../protocol/http.fixture.ts'
import { parseXml, type XmlContent } from '../protocol/rest-xml.ts'
import { Database } from '../store/database.ts'
import { openTrail } from '../trail/trail.ts'
import { createIamEndpoint } from './endpoint.ts'

export const accountId = '000000000000'
const log = { debug() {}, info() {}, warn() {}, error() {} }
const administrator = userCaller(accountId, 'test', 'test')

type Answer = Record<string, XmlContent | XmlContent[] | undefined>

/** A whole IAM in memory. `call` answers the members of the result, `refusal` a refusal as `code: message`. */
export async function openIam() {
  const database = await Database.open({})
  const ambient = new TurnableAmbient(Date.UTC(2026, 0, 1))
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  const principals = openPrincipals({ database, ambient, accountId, mode: 'strict' })
  const endpoint = createIamEndpoint({
    explanations: new Explanations(database),
    database,
    ambient,
    trail,
    principals,
    log,
  })

  const send = async (Action: string, parameters: Record<string, string>, caller: Caller) => {
    const body = new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }).toString()
    const request = new Request('http://iam/', { method: 'POST', body })
    const session = { caller, region: 'us-east-1', service: 's3' } as const
    return await (await fetchFrom(endpoint, request, { session })).text()
  }
  const call = async (action: string, parameters: Record<string, string> = {}, caller = administrator) => {
    const text = await send(action, parameters, caller)
    const answer = await parseXml(text, `${action}Response`)
    const result = answer[`${action}Result`]
    return (typeof result === 'object' ? result : {}) as Answer
  }
  const refusal = async (action: string, parameters: Record<string, string> = {}, caller = administrator) => {
    const text = await send(action, parameters, caller)
    const [, code, message] = /<Code>(\w+)<\/Code><Message>([^<]*)</.exec(text) ?? []
    return code === undefined ? 'no refusal' : `${code}: ${message?.replaceAll('&quot;', '"')}`
  }
  return { database, ambient, trail, principals, call, refusal }
}

/** An identity policy of one statement. */
export function allow(Action: string, Resource = '*'): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })
}

/** A trust policy that names a service. */
export const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
