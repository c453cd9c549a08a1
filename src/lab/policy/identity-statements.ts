import type { Caller } from '../../aws/caller.ts'
import { iamOperations } from '../../iam/operations/index.ts'
import type { Database } from '../../store/database.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { generalized, type PolicyStatement } from './statements.ts'

/** A permission that an identity policy gives. */
interface Permission {
  action: string
  resource: string
}

/** The statements that a principal's calls of IAM, STS and CloudTrail needed, and of S3 where it is given a role: by action, the resources that they were about. */
export class IdentityStatements {
  readonly #database: Database
  readonly #resources = new Map<string, Set<string>>()

  constructor(database: Database) {
    this.#database = database
  }

  /** @param record of a call that succeeded */
  add(record: TrailRecord): void {
    for (const { action, resource } of this.#permissionsOf(record)) {
      this.#resources.set(action, (this.#resources.get(action) ?? new Set()).add(resource))
    }
  }

  get actions(): readonly string[] {
    return [...this.#resources.keys()]
  }

  /** Actions on the same resources share a statement. */
  list(): PolicyStatement[] {
    const grouped = new Map<string, { Action: string[]; Resource: string | string[] }>()
    for (const [action, found] of this.#resources) {
      const Resource = found.has('*') ? '*' : generalized(found).values
      const statement = grouped.get(JSON.stringify(Resource)) ?? { Action: [], Resource }
      statement.Action.push(action)
      grouped.set(JSON.stringify(Resource), statement)
    }
    return [...grouped.values()].map(({ Action, Resource }) => ({ Effect: 'Allow', Action: Action.sort(), Resource }))
  }

  #permissionsOf(record: TrailRecord): Permission[] {
    const { eventSource, eventName } = record
    const given = record.requestParameters ?? {}
    if (eventSource === 'sts.amazonaws.com') return ofSts(record, given)
    if (eventSource === 'cloudtrail.amazonaws.com') {
      const resources = trailsIn(given).map((name) => trailArn(name, record))
      return (resources.length > 0 ? resources : ['*']).map((resource) => ({
        action: `cloudtrail:${eventName}`,
        resource,
      }))
    }
    if (eventSource === 's3.amazonaws.com') return passedRoles(record)
    const operation = iamOperations.get(eventName)
    if (eventSource !== 'iam.amazonaws.com' || !operation) return []
    const { recipientAccountId: accountId } = record
    const place = { accountId, caller: userOf(record), transaction: this.#database.transaction() }
    return [{ action: `iam:${eventName}`, resource: operation.on(place, inputOf(given)) }]
  }
}

/** Who names no user means itself, which a user alone can. */
function userOf({ recipientAccountId: accountId, userIdentity }: TrailRecord): Caller {
  return { type: 'IAMUser', arn: String(userIdentity.arn), accountId, principalId: String(userIdentity.principalId) }
}

/** Members begin in lower case in a record. */
function inputOf(given: Record<string, unknown>): object {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]),
  )
}

/** Who lets S3 replicate gives it a role. */
function passedRoles({ eventName, requestParameters }: TrailRecord): Permission[] {
  if (eventName !== 'PutBucketReplication') return []
  const role: unknown = Reflect.get(Object(requestParameters?.ReplicationConfiguration), 'Role')
  return typeof role === 'string' ? [{ action: 'iam:PassRole', resource: role }] : []
}

/** What needs a permission of the caller's: who it is everybody may ask, and a user may always have a session. */
function ofSts({ eventName: name, recipientAccountId }: TrailRecord, given: Record<string, unknown>): Permission[] {
  const { roleArn, tags, transitiveTagKeys, sourceIdentity } = given
  const action = `sts:${name}`
  if (name === 'DecodeAuthorizationMessage') return [{ action, resource: '*' }]
  const federated = `arn:aws:sts::${recipientAccountId}:federated-user/${String(given.name)}`
  const resource = name === 'GetFederationToken' ? federated : roleArn
  if (typeof resource !== 'string') return []
  const also = [
    ...(Array.isArray(tags) && tags.length > 0 ? ['sts:TagSession'] : []),
    ...(Array.isArray(transitiveTagKeys) && transitiveTagKeys.length > 0 ? ['sts:TagSession'] : []),
    ...(typeof sourceIdentity === 'string' ? ['sts:SetSourceIdentity'] : []),
  ]
  return [action, ...also].map((each) => ({ action: each, resource }))
}

function trailsIn({ name, trailName, resourceId, resourceIdList }: Record<string, unknown>): string[] {
  return [name, trailName, resourceId, resourceIdList].flat().filter((text) => typeof text === 'string')
}

function trailArn(name: string, { awsRegion, recipientAccountId }: TrailRecord): string {
  return name.startsWith('arn:') ? name : `arn:aws:cloudtrail:${awsRegion}:${recipientAccountId}:trail/${name}`
}
