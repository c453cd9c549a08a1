import { TurnableAmbient } from '../ambient.ts'
import { type Caller, userCaller } from '../aws/caller.ts'
import { AwsError } from '../aws/errors.ts'
import { openPrincipals } from '../identity/principals.ts'
import { openRootKey } from '../root-key.ts'
import { Database } from '../store/database.ts'
import type { TrailRecord } from '../trail/event.ts'
import { openTrail } from '../trail/trail.ts'
import type { CallContext } from './call-context.ts'
import { createKms } from './kms.ts'

export const accountId = '111122223333'
export const region = 'us-east-1'
export const alice: Caller = userCaller(accountId, 'Alice', 'AKIAALICE')
export const stranger: Caller = userCaller('444455556666', 'Mallory', 'AKIAMALLORY')
export const symmetric = 'SYMMETRIC_DEFAULT'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
type Answer = Record<string, unknown>

/** A whole KMS in memory, with a clock to turn and a trail to read. */
export async function openKms({ asymmetricKeys }: { asymmetricKeys?: boolean } = {}) {
  const database = await Database.open({})
  const ambient = new TurnableAmbient(Date.UTC(2026, 0, 2, 3, 4, 5))
  const rootKey = await openRootKey(database, ambient)
  const trail = openTrail({ database, ambient, retentionDays: 90 })
  const credentials = { find: () => undefined }
  const identities = openPrincipals({ database, ambient, accountId, mode: 'strict' })
  const parts = { database, ambient, rootKey, trail, credentials, identities, accountId, region, log: quiet }
  const kms = createKms({ ...parts, asymmetricKeys })

  /** Gives a user or role identity policies: from then on it is no administrator. */
  const declare = (arn: string, ...statements: object[]) =>
    database.transact((transaction) => {
      const document = JSON.stringify({ Version: '2012-10-17', Statement: statements })
      const policies = statements.length > 0 ? [{ name: 'own', document }] : []
      identities.add(transaction, { arn, accessKeys: [], policies })
    })

  const call = async (name: string, input: object = {}, context: Partial<CallContext> = {}): Promise<Answer> => {
    const from = { clientAddress: '127.0.0.1', userAgent: 'test', secure: false, requestId: ambient.uuid() }
    const output = await kms.service.invoke(name, wire(input), { caller: alice, region, ...from, ...context })
    return { ...output }
  }
  const createKey = async (input: object = {}, context: Partial<CallContext> = {}) => {
    const { KeyMetadata } = await call('CreateKey', input, context)
    const { KeyId, Arn } = KeyMetadata as { KeyId: string; Arn: string }
    return { id: KeyId, arn: Arn }
  }
  const events = async (): Promise<TrailRecord[]> => (await trail.lookup({ accountId, region, limit: 1000 })).records
  return { ...kms, database, ambient, trail, identities, declare, call, createKey, events }
}

/** The refusal a call ends with: `code: message`. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no refusal'
}

/** Bytes as JSON carries them. */
function wire(input: object): object {
  const entries = Object.entries(input)
  return Object.fromEntries(entries.map(([name, value]) => [name, value instanceof Uint8Array ? base64(value) : value]))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
