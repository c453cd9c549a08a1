import { PolicyCache } from '../../access/policy-cache.ts'
import { denialOf, weighSides } from '../../access/sides.ts'
import type { Ambient } from '../../ambient.ts'
import { bucketArn, parseArn } from '../../aws/arn.ts'
import { type Caller, serviceCaller } from '../../aws/caller.ts'
import { globalContext } from '../../aws/policy.ts'
import { accessKeyId } from '../../identity/access-key-id.ts'
import type { Principal } from '../../identity/records.ts'
import { sessionCaller } from '../../identity/sessions.ts'
import type { BucketRecord } from '../records/buckets.ts'

/** Where roles are found. */
export interface Roles {
  get(arn: string): Pick<Principal, 'uniqueId' | 'trustPolicy' | 'tags'> | undefined
  /** Whether a role that nobody declared is taken at its word, as an unknown access key is (`--auth permissive`). */
  takesUnknown: boolean
}

/** The name of the sessions in which S3 replicates, as the trail shows it (evidence: s3-replication-session). */
const sessionName = 's3-replication'
const service = 's3.amazonaws.com'
/** ms */
const sessionLength = 3_600_000

interface BegunSession {
  /** Its access key id. */
  key: string
  /** ms since the epoch */
  issuedAt: number
}

/** S3 assumes the roles of replication configurations. */
export class RoleSessions {
  readonly #roles: Roles
  readonly #ambient: Ambient
  readonly #policies = new PolicyCache()
  readonly #begun = new Map<string, BegunSession>()

  constructor(roles: Roles, ambient: Ambient) {
    this.#roles = roles
    this.#ambient = ambient
  }

  /**
   * @param source the bucket that is replicated: `aws:SourceArn` and `aws:SourceAccount` in the trust policy
   * @returns undefined where the role is not there, or does not trust S3
   */
  begin(roleArn: string, source: BucketRecord): Caller | undefined {
    const role = this.#roles.get(roleArn)
    if (!role && !this.#roles.takesUnknown) return undefined
    if (role?.trustPolicy !== undefined && !this.#trusts(role.trustPolicy, roleArn, source)) return undefined
    const { key, issuedAt } = this.#sessionOf(roleArn)
    const caller = sessionCaller(roleArn, sessionName, key, issuedAt, role?.uniqueId)
    if (!role && caller.role) return { ...caller, role: { ...caller.role, isUndeclared: true } }
    return role?.tags?.length ? { ...caller, tags: role.tags } : caller
  }

  /** One for an hour, so that bucket keys serve it as they serve other sessions. */
  #sessionOf(roleArn: string): BegunSession {
    const now = this.#ambient.now()
    const known = this.#begun.get(roleArn)
    if (known && now < known.issuedAt + sessionLength) return known
    const { accountId = '' } = parseArn(roleArn) ?? {}
    const session = { key: accessKeyId('ASIA', accountId, this.#ambient.randomBytes(8)), issuedAt: now }
    this.#begun.set(roleArn, session)
    return session
  }

  #trusts(trustPolicy: string, roleArn: string, source: BucketRecord): boolean {
    const caller = serviceCaller(service, { arn: bucketArn(source.name), accountId: source.ownerAccountId })
    const { region } = source
    const context = globalContext({ caller, now: this.#ambient.now(), sourceIp: service, secure: true, region })
    const sides = weighSides(
      { resource: [this.#policies.attach('trust policy', trustPolicy, 'trust')] },
      { action: 'sts:AssumeRole', resource: roleArn, caller, context },
    )
    return denialOf(sides) === undefined && sides.resource?.decision === 'allow'
  }
}
