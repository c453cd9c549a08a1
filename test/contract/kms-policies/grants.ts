import {
  createGrant,
  decrypt,
  describeKey,
  encrypt,
  generateDataKey,
  getObject,
  putObject,
  reEncrypt,
} from '../calls.ts'
import { exampleAccount, exampleKey, keyArn } from '../names.ts'
import { allowed, deniedBy, fails, kmsRefuses, missingInKms, noneAllows } from '../outcomes.ts'
import type { KeySpec, Scenario, Source } from '../scenario.ts'
import { alice, allow, bucket, carlos, deny, may, mayNot, roleArn, userArn, wholeAccount } from '../statements.ts'

/* Grants allow beside the policies, within their constraints; a Deny anywhere outweighs them (evidence: kms-grant-constraints). */

const source: Source = 'evidence: kms-grant-constraints'

const noIdentity = noneAllows('identity-based policy')
const noResource = noneAllows('resource-based policy')
const under = (EncryptionContext: Record<string, string>) => ({ EncryptionContext })
const toAlice = { GranteePrincipal: userArn('Alice') }
const sse = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: keyArn() }

function key(grants: KeySpec['grants'], more: KeySpec = {}): Record<string, KeySpec> {
  const ciphertexts = { none: {}, tenantA: { tenant: 'a' }, more: { tenant: 'a', purpose: 'test' } }
  return { [exampleKey]: { ciphertexts, grants, ...more } }
}

export const grants: Scenario[] = [
  {
    name: 'A grant',
    source: 'docs: KMS Developer Guide, "Grants in AWS KMS"',
    users: { Alice: {}, Bob: {} },
    keys: key([{ ...toAlice, Operations: ['Encrypt', 'Decrypt', 'DescribeKey'] }]),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: decrypt('none'), expect: allowed },
      { by: 'Alice', call: describeKey(), expect: allowed },
      { by: 'Alice', call: generateDataKey(), expect: noIdentity },
      { by: 'Bob', call: encrypt(), expect: noIdentity },
    ],
  },
  {
    name: 'A grant on a key whose policy names nobody',
    source: 'docs: KMS Developer Guide, "Grants in AWS KMS"',
    users: { Alice: {}, Bob: {} },
    keys: key([{ ...toAlice, Operations: ['Encrypt'] }], { policy: [] }),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: decrypt('none'), expect: noResource },
      { by: 'Bob', call: encrypt(), expect: noResource },
    ],
  },
  {
    name: 'A grant constrained to exactly one context',
    source,
    users: { Alice: {} },
    keys: key([
      {
        ...toAlice,
        Operations: ['Encrypt', 'Decrypt', 'DescribeKey'],
        Constraints: { EncryptionContextEquals: { tenant: 'a' } },
      },
    ]),
    rows: [
      { by: 'Alice', call: encrypt(under({ tenant: 'a' })), expect: allowed },
      { by: 'Alice', call: encrypt(under({ tenant: 'a', purpose: 'test' })), when: 'with more', expect: noIdentity },
      { by: 'Alice', call: encrypt(under({ tenant: 'A' })), when: 'with a capital letter', expect: noIdentity },
      { by: 'Alice', call: encrypt(), when: 'without', expect: noIdentity },
      { by: 'Alice', call: decrypt('tenantA', under({ tenant: 'a' })), expect: allowed },
      { by: 'Alice', call: decrypt('more', under({ tenant: 'a', purpose: 'test' })), expect: noIdentity },
      { by: 'Alice', call: describeKey(), expect: allowed },
    ],
  },
  {
    name: 'A grant constrained to contexts that have a pair',
    source,
    users: { Alice: {} },
    keys: key([
      {
        ...toAlice,
        Operations: ['GenerateDataKey', 'Decrypt'],
        Constraints: { EncryptionContextSubset: { tenant: 'a' } },
      },
    ]),
    rows: [
      { by: 'Alice', call: generateDataKey(under({ tenant: 'a' })), expect: allowed },
      { by: 'Alice', call: generateDataKey(under({ tenant: 'a', more: 'x' })), when: 'with more', expect: allowed },
      { by: 'Alice', call: generateDataKey(under({ TENANT: 'a' })), when: 'with a name in capitals', expect: allowed },
      { by: 'Alice', call: generateDataKey(under({ more: 'x' })), when: 'with another one', expect: noIdentity },
      { by: 'Alice', call: decrypt('more', under({ tenant: 'a', purpose: 'test' })), expect: allowed },
      { by: 'Alice', call: decrypt('none'), expect: noIdentity },
    ],
  },
  {
    name: 'Denials beside a grant',
    source: 'docs: KMS Developer Guide, "Grants in AWS KMS"',
    users: { Alice: {}, Bob: { policy: [mayNot('kms:Encrypt')] } },
    keys: key(
      [
        { ...toAlice, Operations: ['Encrypt', 'Decrypt'] },
        { GranteePrincipal: userArn('Bob'), Operations: ['Encrypt', 'Decrypt'] },
      ],
      { policy: [allow(wholeAccount, 'kms:*'), deny(alice, 'kms:Decrypt')] },
    ),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: decrypt('none'), expect: deniedBy('resource-based policy') },
      { by: 'Bob', call: decrypt('none'), expect: allowed },
      { by: 'Bob', call: encrypt(), expect: deniedBy('identity-based policy') },
    ],
  },
  {
    name: 'A grant to a role',
    source: 'docs: KMS Developer Guide, "Grants in AWS KMS"',
    roles: { ExampleRole: {} },
    users: { Alice: {} },
    keys: key([{ GranteePrincipal: roleArn('ExampleRole'), Operations: ['Encrypt'] }]),
    rows: [
      { by: 'ExampleRole', call: encrypt(), expect: allowed },
      { by: 'ExampleRole', call: decrypt('none'), expect: noIdentity },
      { by: 'Alice', call: encrypt(), expect: noIdentity },
    ],
  },
  {
    name: 'A grant to a role, and a session policy',
    source: 'docs: KMS Developer Guide, "Grants in AWS KMS"',
    roles: { ExampleRole: { session: [may('kms:Decrypt')] } },
    keys: key([{ GranteePrincipal: roleArn('ExampleRole'), Operations: ['Encrypt', 'Decrypt'] }]),
    rows: [{ by: 'ExampleRole', call: decrypt('none'), expect: allowed }],
  },
  {
    name: 'A grant to the account',
    source: 'assumed: a grant to the account leaves it to the identity policies of the account',
    users: { Alice: {}, Bob: { policy: [may('kms:Encrypt')] } },
    keys: key([{ GranteePrincipal: `arn:aws:iam::${exampleAccount}:root`, Operations: ['Encrypt'] }], { policy: [] }),
    rows: [
      { by: 'Alice', call: encrypt(), expect: noResource },
      { by: 'Bob', call: encrypt(), expect: allowed },
    ],
  },
  {
    name: 'A grant that lets make grants',
    source: 'docs: KMS API Reference, CreateGrant',
    users: { Alice: {} },
    keys: key([
      {
        ...toAlice,
        Operations: ['CreateGrant', 'Decrypt'],
        Constraints: { EncryptionContextSubset: { tenant: 'a' } },
      },
    ]),
    rows: [
      {
        by: 'Alice',
        call: createGrant({
          ...toAlice,
          Operations: ['Decrypt'],
          Constraints: { EncryptionContextSubset: { tenant: 'a' } },
        }),
        when: 'like it',
        expect: allowed,
      },
      {
        by: 'Alice',
        call: createGrant({
          ...toAlice,
          Operations: ['Decrypt'],
          Constraints: { EncryptionContextSubset: { tenant: 'a', purpose: 'test' } },
        }),
        when: 'narrower',
        expect: allowed,
      },
      {
        by: 'Alice',
        call: createGrant({ ...toAlice, Operations: ['Decrypt'] }),
        when: 'without the constraint',
        expect: noIdentity,
      },
      {
        by: 'Alice',
        call: createGrant({
          ...toAlice,
          Operations: ['Encrypt'],
          Constraints: { EncryptionContextSubset: { tenant: 'a' } },
        }),
        when: 'of another operation',
        expect: noIdentity,
      },
    ],
  },
  {
    name: 'Both sides of ReEncrypt',
    source: 'docs: KMS Developer Guide, "Grants in AWS KMS"',
    users: { Alice: {} },
    keys: key([{ ...toAlice, Operations: ['ReEncryptFrom'] }]),
    rows: [{ by: 'Alice', call: reEncrypt('none'), expect: noneAllows('identity-based policy', 'kms:ReEncryptTo') }],
  },
  {
    name: 'A grant through S3',
    source: 'docs: KMS Developer Guide, "Grants in AWS KMS"',
    users: { Alice: { policy: [may('s3:*')] } },
    keys: key([{ ...toAlice, Operations: ['Decrypt'] }]),
    buckets: bucket(undefined, { objects: [{ Key: 'a', ...sse }] }),
    rows: [
      { by: 'Alice', call: getObject('a'), expect: allowed },
      {
        by: 'Alice',
        call: putObject('b', sse),
        expect: kmsRefuses(
          'kms:GenerateDataKey',
          keyArn(),
          missingInKms('identity-based policy', 'kms:GenerateDataKey'),
        ),
      },
    ],
  },
  {
    name: 'A grant on a disabled key',
    source: 'evidence: kms-key-states',
    users: { Alice: {} },
    keys: key([{ ...toAlice, Operations: ['Encrypt', 'DescribeKey'] }], { state: 'Disabled' }),
    rows: [
      { by: 'Alice', call: encrypt(), expect: fails(400, 'DisabledException', `${keyArn()} is disabled.`) },
      { by: 'Alice', call: describeKey(), expect: allowed },
    ],
  },
]

export const grantsToOthers: Scenario[] = [
  {
    name: 'A grant to a user of another account',
    source: 'docs: KMS Developer Guide, "Grants in AWS KMS"',
    users: { Carlos: { isForeign: true, policy: [may('kms:*')] } },
    keys: key([{ GranteePrincipal: String(carlos.AWS), Operations: ['Encrypt'] }]),
    rows: [{ by: 'Carlos', call: encrypt({ KeyId: keyArn() }), expect: allowed }],
  },
]
