import { fails, faultsWhere, type RecordCheck, recordCheck } from '../../store/record-check.ts'
import { anything, base64, flag, mark, members, object, oneOf, optional, text, time } from '../../store/record-shape.ts'
import { configurations } from '../configurations/index.ts'
import { accessLogLineRecords } from '../records/access-log-lines.ts'
import { type BucketRecord, bucketRecords } from '../records/buckets.ts'
import { configurationName } from '../records/configurations.ts'
import { inventoriesDue } from '../records/inventory-schedule.ts'
import type { DefaultEncryption } from '../sse/envelope.ts'
import { purposeOfRoot, sseRoots } from '../sse/keyring.ts'

const { records: configurationRecords } = configurationName<unknown>('')

/** What a bucket's record says of its configurations, so that nobody looks for one in vain; and the names of these. */
const flags = [
  ['hasPolicy', 'policy'],
  ['hasLifecycle', 'lifecycle'],
  ['notifies', 'notification'],
  ['replicates', 'replication'],
  ['logsAccess', 'logging'],
] as const

/** Tells a configuration as GET does, and takes it as PUT would. @throws what either fails with */
function tell(name: string, value: unknown): void {
  const configuration = configurations.find((one) => one.name === name)
  if (configuration) {
    const { shape } = configuration
    if (typeof value !== 'object' || value === null) throw new Error('It is no document')
    shape.read(shape.write(value as never))
  } else if (name === 'policy') JSON.parse(String(value))
  else if (!Array.isArray(value)) throw new Error('It is no ACL')
}

const names: ReadonlySet<string> = new Set(['acl', 'policy', ...configurations.map(({ name }) => name)])

/** Buckets, their configurations, and what S3 keeps for them. */
export const bucketChecks: readonly RecordCheck[] = [
  recordCheck(
    bucketRecords,
    members<BucketRecord>({
      name: text,
      region: text,
      ownerAccountId: text,
      creationDate: time,
      encryption: optional(
        members<DefaultEncryption>({
          algorithm: oneOf('AES256', 'aws:kms', 'aws:kms:dsse'),
          keyId: optional(text),
          bucketKeyEnabled: flag,
          blockedEncryptionTypes: oneOf('SSE-C', 'NONE'),
        }),
      ),
      objectOwnership: oneOf('BucketOwnerEnforced', 'ObjectWriter', 'BucketOwnerPreferred'),
      locationConstraint: optional(text),
      hasPolicy: mark,
      wasOpened: mark,
      requesterPays: mark,
      notifies: mark,
      hasLifecycle: mark,
      replicates: mark,
      logsAccess: mark,
      objectLock: optional(object),
      versioning: optional(oneOf('Enabled', 'Suspended')),
    }),
    ({ key: [name], value }, { records }) => [
      ...faultsWhere([value.name !== name, 'is the record of another bucket']),
      ...flags
        .filter(([member, of]) => value[member] && records.isMissing(configurationRecords, [name, of]))
        .map(([, of]) => `has no ${of} configuration, though its record says so`),
    ],
  ),
  recordCheck(configurationRecords, anything, ({ key: [bucket, name], value }, { records }) => {
    const [common = ''] = name.split('/')
    if (!names.has(common)) return ['is no configuration that is known']
    // Those of an account are of no bucket.
    if (bucket === '') return []
    if (records.isMissing(bucketRecords, [bucket])) return ['is of a bucket that is missing']
    const [member] = flags.find(([, of]) => of === name) ?? []
    const record = records.get(bucketRecords, [bucket])
    return faultsWhere(
      [fails(() => tell(common, value)), 'cannot be told'],
      [member !== undefined && record !== undefined && !record[member], 'is not told by the record of its bucket'],
    )
  }),
  recordCheck(inventoriesDue, anything),
  recordCheck(accessLogLineRecords, text),
  recordCheck(sseRoots, base64, ({ key: [accountId, region, purpose], value }, { rootKey }) =>
    faultsWhere([
      fails(() => rootKey.open(purposeOfRoot(accountId, region, purpose), value)),
      'does not open under the root key',
    ]),
  ),
]
