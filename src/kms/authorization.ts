import type { Caller } from '../aws/caller.ts'
import type { EncryptionContext } from './client.ts'
import { kmsErrors } from './errors.ts'
import { arnOf, type KeyRecord } from './key.ts'
import { managedKeyActions } from './key-policy.ts'

/** One question: may this caller do this with this key? All that policies and grants can ask of a request is in it. */
export interface AuthorizationRequest {
  caller: Caller
  /** `kms:GenerateDataKey`; ReEncrypt asks twice, `kms:ReEncryptFrom` and `kms:ReEncryptTo`. */
  action: string
  key: KeyRecord
  /** The service that asks on the caller's behalf (`kms:ViaService`). */
  via?: string
  encryptionContext?: EncryptionContext
  grantTokens?: readonly string[]
}

type Verdict = { allowed: true } | { allowed: false; because: string }
/** One source of permission. The first that allows is enough; a denial's reason is the last one's. */
type Source = (request: AuthorizationRequest) => Verdict

const allowed: Verdict = { allowed: true }

/** The sources in the order they are asked. Key policies, identity policies and grants join here. */
const sources: readonly Source[] = [ownerAccount, managedKeyPolicy]

/**
 * Refuses the call unless a source allows it.
 * @throws AwsError AccessDeniedException in AWS's words
 */
export function authorize(request: AuthorizationRequest): void {
  refuseUnknownGrantTokens(request.grantTokens)
  let because = ''
  for (const source of sources) {
    const verdict = source(request)
    if (verdict.allowed) return
    because = verdict.because || because
  }
  throw accessDenied(request, because)
}

/** Every principal of the account that owns a customer key may use it: identities have no policies that say otherwise. */
function ownerAccount({ caller, key, action }: AuthorizationRequest): Verdict {
  if (key.keyManager === 'CUSTOMER' && caller.accountId === key.accountId) return allowed
  return { allowed: false, because: `no resource-based policy allows the ${action} action` }
}

/** An AWS managed key serves through its own service; directly it can only be looked at. */
function managedKeyPolicy({ caller, key, action, via }: AuthorizationRequest): Verdict {
  if (key.keyManager !== 'AWS' || caller.accountId !== key.accountId) return { allowed: false, because: '' }
  const isThroughService = via !== undefined && via === key.service
  const actions = isThroughService
    ? [...managedKeyActions.throughService, ...managedKeyActions.direct]
    : managedKeyActions.direct
  return actions.some((pattern) => matches(pattern, action)) ? allowed : { allowed: false, because: '' }
}

function matches(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern
}

/** No grants exist, so no token of one does. */
function refuseUnknownGrantTokens(tokens: readonly string[] | undefined): void {
  if (tokens && tokens.length > 0) throw kmsErrors.InvalidGrantTokenException('Invalid grant token.')
}

function accessDenied({ caller, action, key }: AuthorizationRequest, because: string) {
  const sentence = `User: ${caller.arn || 'anonymous'} is not authorized to perform: ${action} on resource: ${arnOf(key)}`
  return kmsErrors.AccessDeniedException(`${sentence} because ${because}`)
}
