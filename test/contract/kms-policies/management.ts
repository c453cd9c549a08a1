import {
  createGrant,
  decrypt,
  describeKey,
  encrypt,
  generateDataKey,
  getKeyPolicy,
  listGrants,
  reEncrypt,
} from '../calls.ts'
import {
  enableKeyRotation,
  generateDataKeyWithoutPlaintext,
  getKeyRotationStatus,
  listResourceTags,
  scheduleKeyDeletion,
  updateKeyDescription,
} from '../calls-of-keys.ts'
import { exampleAccount, exampleKey, exampleSecondKey, keyArn } from '../names.ts'
import { allowed, deniedBy, noneAllows } from '../outcomes.ts'
import type { Call, Outcome, Row, Scenario } from '../scenario.ts'
import { alice, allow, deny, may, mayNot, roleArn, userArn, wholeAccount } from '../statements.ts'

/*
 * A Deny of each operation on each side, and conditions on how keys are managed
 * (KMS Developer Guide, "AWS KMS condition keys"; evidence: kms-denied, kms-rotation-period).
 */

const calls: readonly Call[] = [
  encrypt(),
  decrypt('note'),
  generateDataKey(),
  generateDataKeyWithoutPlaintext(),
  describeKey(),
  getKeyPolicy(),
  listGrants(),
  listResourceTags(),
  getKeyRotationStatus(),
  updateKeyDescription(),
  createGrant({ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'] }),
  reEncrypt('note'),
]
const actions = calls.map(({ action }) => action)
const keys = { [exampleKey]: { ciphertexts: { note: {} } } }
const all = may('kms:*')

function eachRefused(by: string, expect: Outcome): Row[] {
  return calls.map((call) => ({ by, call, expect }))
}

export const keyDenials: Scenario[] = [
  {
    name: 'A Deny of each operation in the key policy',
    source: 'evidence: kms-denied',
    users: { Alice: { policy: [all] }, Bob: { policy: [all] } },
    keys: { [exampleKey]: { ...keys[exampleKey], policy: [allow(wholeAccount, 'kms:*'), deny(alice, actions)] } },
    rows: [
      ...eachRefused('Alice', deniedBy('resource-based policy')),
      { by: 'Bob', call: encrypt(), expect: allowed },
      { by: 'Bob', call: listResourceTags(), expect: allowed },
    ],
  },
  {
    name: 'A Deny of each operation in an identity policy, beside a grant',
    source: 'evidence: kms-denied',
    users: { Alice: { policy: [all, mayNot(actions)] } },
    keys: {
      [exampleKey]: {
        ...keys[exampleKey],
        grants: [{ GranteePrincipal: userArn('Alice'), Operations: ['Encrypt', 'Decrypt', 'DescribeKey'] }],
      },
    },
    rows: eachRefused('Alice', deniedBy('identity-based policy')),
  },
  {
    name: 'A Deny of each operation in a permissions boundary',
    source: 'assumed: KMS names the policy as S3 does',
    users: { Alice: { policy: [all], boundary: [all, mayNot(actions)] } },
    keys: { [exampleKey]: { ...keys[exampleKey], policy: [allow(alice, 'kms:*')] } },
    rows: eachRefused('Alice', deniedBy('permissions boundary', `arn:aws:iam::${exampleAccount}:policy/AliceBoundary`)),
  },
  {
    name: 'A Deny of each operation in a session policy',
    source: 'evidence: kms-denied',
    roles: { ExampleRole: { policy: [all], session: [all, mayNot(actions)] } },
    keys: { [exampleKey]: { ...keys[exampleKey], policy: [allow({ AWS: roleArn('ExampleRole') }, 'kms:*')] } },
    rows: eachRefused('ExampleRole', deniedBy('session policy')),
  },
  {
    name: 'No permission for any operation',
    source: 'evidence: kms-denied',
    users: { Alice: {} },
    keys,
    rows: eachRefused('Alice', noneAllows('identity-based policy')),
  },
]

export const keyManagement: Scenario[] = [
  {
    name: 'Rotation at least once a year',
    source: 'evidence: kms-rotation-period',
    users: {
      Alice: {
        policy: [
          all,
          {
            ...mayNot('kms:EnableKeyRotation'),
            Condition: { NumericGreaterThan: { 'kms:RotationPeriodInDays': '365' } },
          },
        ],
      },
    },
    keys,
    rows: [
      { by: 'Alice', call: enableKeyRotation(366), expect: deniedBy('identity-based policy') },
      { by: 'Alice', call: enableKeyRotation(90), expect: allowed },
      { by: 'Alice', call: enableKeyRotation(), when: 'without a period', expect: allowed },
    ],
  },
  {
    name: 'Deletion not before thirty days',
    source: 'docs: KMS Developer Guide, "AWS KMS condition keys": kms:ScheduleKeyDeletionPendingWindowInDays',
    users: { Alice: { policy: [all] } },
    keys: {
      [exampleKey]: {
        policy: [
          allow(wholeAccount, 'kms:*'),
          {
            ...deny(alice, 'kms:ScheduleKeyDeletion'),
            Condition: { NumericLessThan: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' } },
          },
        ],
      },
    },
    rows: [
      { by: 'Alice', call: scheduleKeyDeletion(7), expect: deniedBy('resource-based policy') },
      { by: 'Alice', call: scheduleKeyDeletion(30), expect: allowed, emulatorAlone: 'it is scheduled only once' },
    ],
  },
  {
    name: 'Not onto the same key',
    source: 'docs: KMS Developer Guide, "AWS KMS condition keys": kms:ReEncryptOnSameKey',
    users: {
      Alice: { policy: [{ ...may('kms:ReEncrypt*'), Condition: { Bool: { 'kms:ReEncryptOnSameKey': 'false' } } }] },
    },
    keys: { ...keys, [exampleSecondKey]: {} },
    rows: [
      { by: 'Alice', call: reEncrypt('note'), expect: noneAllows('identity-based policy') },
      {
        by: 'Alice',
        call: reEncrypt('note', { DestinationKeyId: exampleSecondKey }),
        when: 'onto another one',
        expect: allowed,
      },
    ],
  },
  {
    name: 'Grants to one retiring principal',
    source: 'docs: KMS Developer Guide, "AWS KMS condition keys": kms:RetiringPrincipal',
    users: {
      Alice: {
        policy: [
          { ...may('kms:CreateGrant'), Condition: { StringEquals: { 'kms:RetiringPrincipal': userArn('Alice') } } },
        ],
      },
    },
    keys,
    rows: [
      { by: 'Alice', call: grantWith(userArn('Alice')), expect: allowed },
      {
        by: 'Alice',
        call: grantWith(`arn:aws:iam::${exampleAccount}:root`),
        when: 'of the account',
        expect: noneAllows('identity-based policy'),
      },
      { by: 'Alice', call: grantWith(), when: 'without one', expect: noneAllows('identity-based policy') },
    ],
  },
  {
    name: 'Keys with an alias, whatever key that is',
    source: 'docs: KMS Developer Guide, "Using aliases to control access to KMS keys"',
    users: {
      Alice: {
        policy: [{ ...may('kms:*'), Condition: { 'ForAnyValue:StringLike': { 'kms:ResourceAliases': 'alias/*' } } }],
      },
      Bob: { policy: [all, { ...mayNot('kms:Encrypt'), Condition: { Null: { 'kms:RequestAlias': 'true' } } }] },
    },
    keys: { [exampleKey]: { alias: 'ExampleAlias' }, [exampleSecondKey]: {} },
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      {
        by: 'Alice',
        call: encryptUnderSecond(),
        when: 'under a key without',
        expect: noneAllows('identity-based policy'),
      },
      { by: 'Bob', call: encrypt({ KeyId: 'alias/ExampleAlias' }), when: 'by the alias', expect: allowed },
      { by: 'Bob', call: encrypt(), expect: deniedBy('identity-based policy') },
    ],
  },
  {
    name: 'Keys with a tag, and callers with the same',
    source: 'docs: KMS Developer Guide, "ABAC for AWS KMS"',
    users: { Alice: { tags: { team: 'blue' } }, Bob: { tags: { team: 'red' } }, Dora: {} },
    keys: {
      [exampleKey]: {
        tags: { team: 'blue' },
        policy: [
          {
            ...allow({ AWS: ['Alice', 'Bob', 'Dora'].map((name) => userArn(name)) }, 'kms:Encrypt'),
            Condition: { StringEquals: { 'aws:PrincipalTag/team': `\${aws:ResourceTag/team}` } },
          },
        ],
      },
    },
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Bob', call: encrypt(), expect: noneAllows('resource-based policy') },
      { by: 'Dora', call: encrypt(), expect: noneAllows('resource-based policy') },
    ],
  },
]

function grantWith(RetiringPrincipal?: string): Call {
  return createGrant({ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'], RetiringPrincipal })
}

function encryptUnderSecond(): Call {
  return { ...encrypt({ KeyId: exampleSecondKey }), resource: keyArn(exampleSecondKey) }
}
