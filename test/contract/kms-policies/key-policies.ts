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
import { exampleAccount, exampleKey, exampleOther, exampleSecondKey, keyArn, sessionName } from '../names.ts'
import { allowed, deniedBy, fails, isInvisible, noneAllows } from '../outcomes.ts'
import type { KeySpec, Scenario, Source, Statement } from '../scenario.ts'
import { alice, allow, carlos, deny, may, mayNot, otherAccount, roleArn, userArn, wholeAccount } from '../statements.ts'

/*
 * Who may use a key: its policy names the caller, or leaves it to the account and an identity policy allows
 * (KMS Developer Guide, "Determining access to AWS KMS keys"; evidence: kms-denied, kms-denied-foreign, kms-denied-ciphertext).
 */

const source: Source = 'evidence: kms-denied'

const noIdentity = noneAllows('identity-based policy')
const noResource = noneAllows('resource-based policy')
const role = { AWS: roleArn('ExampleRole') }
const session = { AWS: `arn:aws:sts::${exampleAccount}:assumed-role/ExampleRole/${sessionName}` }
const use = ['kms:Encrypt', 'kms:Decrypt']

/** The key of a scenario, with a ciphertext `note`. */
function key(policy?: readonly Statement[], more: KeySpec = {}): Record<string, KeySpec> {
  return { [exampleKey]: { policy, ciphertexts: { note: {} }, ...more } }
}

export const keyPolicies: Scenario[] = [
  {
    name: 'The policy of a new key leaves it to the account',
    source,
    users: { Alice: {}, Bob: { policy: [may(use)] } },
    roles: { ExampleRole: { policy: [may('kms:GenerateDataKey', keyArn())] } },
    keys: key(),
    rows: [
      { by: 'Alice', call: encrypt(), expect: noIdentity },
      { by: 'Alice', call: decrypt('note'), expect: noIdentity },
      { by: 'Alice', call: describeKey(), expect: noIdentity },
      { by: 'Alice', call: getKeyPolicy(), expect: noIdentity },
      { by: 'Bob', call: encrypt(), expect: allowed },
      { by: 'Bob', call: decrypt('note'), expect: allowed },
      { by: 'Bob', call: decrypt('note', { KeyId: exampleKey }), when: 'by its key', expect: allowed },
      { by: 'Bob', call: generateDataKey(), expect: noIdentity },
      { by: 'ExampleRole', call: generateDataKey(), expect: allowed },
      { by: 'ExampleRole', call: encrypt(), expect: noIdentity },
    ],
  },
  {
    name: 'A key policy that names nobody',
    source,
    users: { Alice: { policy: [may('kms:*')] } },
    roles: { ExampleRole: { policy: [may('kms:*')] } },
    keys: key([]),
    rows: [
      { by: 'Alice', call: encrypt(), expect: noResource },
      { by: 'Alice', call: decrypt('note'), expect: noResource },
      { by: 'Alice', call: describeKey(), expect: noResource },
      { by: 'Alice', call: listGrants(), expect: noResource },
      { by: 'ExampleRole', call: generateDataKey(), expect: noResource },
    ],
  },
  {
    name: 'A key policy that names a user',
    source,
    users: { Alice: {}, Bob: { policy: [may('kms:*')] } },
    keys: key([allow(alice, use)]),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: decrypt('note'), expect: allowed },
      { by: 'Alice', call: generateDataKey(), expect: noResource },
      { by: 'Bob', call: encrypt(), expect: noResource },
    ],
  },
  {
    name: 'A key policy that names a user, and leaves the rest to the account',
    source,
    users: { Alice: {} },
    keys: key([allow(wholeAccount, 'kms:*'), allow(alice, 'kms:Encrypt')]),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: decrypt('note'), expect: noIdentity },
    ],
  },
  {
    name: 'A key policy for everybody',
    source,
    users: { Alice: {}, Bob: { policy: [mayNot('kms:Encrypt')] } },
    keys: key([{ ...allow('*', use), Condition: { StringEquals: { 'kms:CallerAccount': exampleAccount } } }]),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Bob', call: encrypt(), expect: deniedBy('identity-based policy') },
      { by: 'Bob', call: decrypt('note'), expect: allowed },
    ],
  },
  {
    name: 'A key policy that denies what an identity policy allows',
    source,
    users: { Alice: { policy: [may('kms:*')] } },
    keys: key([allow(wholeAccount, 'kms:*'), deny(alice, ['kms:Decrypt', 'kms:CreateGrant'])]),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: decrypt('note'), expect: deniedBy('resource-based policy') },
      {
        by: 'Alice',
        call: createGrant({ GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'] }),
        expect: deniedBy('resource-based policy'),
      },
    ],
  },
  {
    name: 'Patterns of actions',
    source,
    users: { Alice: {} },
    keys: key([allow(alice, ['kms:ReEncrypt*', 'kms:generatedatakey*', 'kms:Describe*'])]),
    rows: [
      { by: 'Alice', call: generateDataKey(), expect: allowed },
      { by: 'Alice', call: describeKey(), expect: allowed },
      { by: 'Alice', call: reEncrypt('note'), expect: allowed },
      { by: 'Alice', call: encrypt(), expect: noResource },
    ],
  },
  {
    name: 'NotAction',
    source,
    users: { Alice: {} },
    keys: key([{ Effect: 'Allow', Principal: alice, NotAction: ['kms:Decrypt', 'kms:ReEncryptFrom'] }]),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: decrypt('note'), expect: noResource },
      { by: 'Alice', call: reEncrypt('note'), expect: noResource },
    ],
  },
  {
    name: 'ReEncrypt asks for both keys',
    source: 'docs: KMS API Reference, ReEncrypt',
    users: { Alice: { policy: [may('kms:ReEncryptFrom', keyArn())] }, Bob: { policy: [may('kms:ReEncrypt*')] } },
    keys: { ...key(), [exampleSecondKey]: {} },
    rows: [
      {
        by: 'Alice',
        call: reEncrypt('note', { DestinationKeyId: exampleSecondKey }),
        expect: noneAllows('identity-based policy', 'kms:ReEncryptTo', keyArn(exampleSecondKey)),
      },
      { by: 'Bob', call: reEncrypt('note', { DestinationKeyId: exampleSecondKey }), expect: allowed },
    ],
  },
  {
    name: 'A key policy that names the role, and a session policy',
    source: 'evidence: policy-direct-names',
    roles: { ExampleRole: { session: [may('kms:Encrypt'), mayNot('kms:GenerateDataKey')] } },
    keys: key([allow(role, ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'])]),
    rows: [
      { by: 'ExampleRole', call: encrypt(), expect: allowed },
      { by: 'ExampleRole', call: decrypt('note'), expect: noneAllows('session policy') },
      { by: 'ExampleRole', call: generateDataKey(), expect: deniedBy('session policy') },
    ],
  },
  {
    name: 'A key policy that names the session',
    source: 'evidence: policy-direct-names',
    roles: { ExampleRole: {} },
    keys: key([allow(session, 'kms:Encrypt')]),
    rows: [
      { by: 'ExampleRole', call: encrypt(), expect: allowed },
      { by: 'ExampleRole', call: decrypt('note'), expect: noResource },
    ],
  },
  {
    name: 'A permissions boundary',
    source: 'evidence: policy-direct-names',
    users: {
      Alice: { policy: [may('kms:*')], boundary: [may('kms:Encrypt'), mayNot('kms:GenerateDataKey')] },
    },
    roles: { ExampleRole: { boundary: [may('kms:Encrypt')] } },
    keys: key([allow(wholeAccount, 'kms:*'), allow(role, use)]),
    rows: [
      { by: 'Alice', call: encrypt(), expect: allowed },
      { by: 'Alice', call: decrypt('note'), expect: noneAllows('permissions boundary') },
      {
        by: 'Alice',
        call: generateDataKey(),
        expect: deniedBy('permissions boundary', `arn:aws:iam::${exampleAccount}:policy/AliceBoundary`),
        source: 'assumed: KMS names the policy as S3 does',
      },
      { by: 'ExampleRole', call: encrypt(), expect: allowed },
      { by: 'ExampleRole', call: decrypt('note'), expect: noneAllows('permissions boundary') },
    ],
  },
  {
    name: 'A key policy that names a user passes its boundary',
    source: 'evidence: policy-direct-names',
    users: { Alice: { boundary: [may('kms:Encrypt')] } },
    keys: key([allow(alice, use)]),
    rows: [{ by: 'Alice', call: decrypt('note'), expect: allowed }],
  },
  {
    name: 'A disabled key and who may use it',
    source: 'evidence: kms-key-states',
    users: { Alice: { policy: [may('kms:*')] }, Bob: {} },
    keys: key(undefined, { state: 'Disabled' }),
    rows: [
      { by: 'Alice', call: encrypt(), expect: fails(400, 'DisabledException', `${keyArn()} is disabled.`) },
      { by: 'Alice', call: decrypt('note'), expect: fails(400, 'DisabledException', `${keyArn()} is disabled.`) },
      { by: 'Alice', call: describeKey(), expect: allowed },
      // Who may not use it does not hear what state it is in.
      { by: 'Bob', call: encrypt(), expect: noIdentity },
    ],
  },
  {
    name: 'A key that waits for its deletion and who may use it',
    source: 'evidence: kms-key-states',
    users: { Alice: { policy: [may('kms:*')] }, Bob: {} },
    keys: key(undefined, { state: 'PendingDeletion' }),
    rows: [
      {
        by: 'Alice',
        call: generateDataKey(),
        expect: fails(400, 'KMSInvalidStateException', `${keyArn()} is pending deletion.`),
      },
      { by: 'Alice', call: getKeyPolicy(), expect: allowed },
      { by: 'Bob', call: generateDataKey(), expect: noIdentity },
    ],
  },
  {
    name: 'A key that is not there',
    source: 'evidence: kms-key-not-found, kms-alias-not-found',
    users: { Alice: { policy: [may('kms:*')] } },
    rows: [
      {
        by: 'Alice',
        call: encrypt({ KeyId: exampleKey }),
        expect: fails(400, 'NotFoundException', `Key '${keyArn()}' does not exist`),
      },
      {
        by: 'Alice',
        call: describeKey('alias/contract-never-there'),
        expect: fails(
          400,
          'NotFoundException',
          `Alias arn:aws:kms:us-east-1:${exampleAccount}:alias/contract-never-there is not found.`,
        ),
      },
    ],
  },
]

const ownersArn = keyArn(exampleKey, exampleOther)

/** The key is the other account's, and Alice of this account asks. */
function foreignKey(policy?: readonly Statement[]): Record<string, KeySpec> {
  return { [exampleKey]: { policy, isForeign: true, ciphertexts: { note: {} } } }
}

const ofOther = (call: ReturnType<typeof encrypt>) => ({ ...call, resource: ownersArn })

export const foreignKeys: Scenario[] = [
  {
    name: "Another account's key that leaves it to its own account",
    source: 'evidence: kms-denied-foreign, kms-denied-ciphertext',
    users: { Alice: { policy: [may('kms:*')] } },
    keys: foreignKey(),
    rows: [
      { by: 'Alice', call: encrypt({ KeyId: ownersArn }), expect: isInvisible('kms', 'kms:Encrypt') },
      {
        by: 'Alice',
        call: decrypt('note'),
        expect: fails(
          400,
          'AccessDeniedException',
          'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
        ),
      },
      { by: 'Alice', call: describeKey(ownersArn), expect: isInvisible('kms', 'kms:DescribeKey') },
    ],
  },
  {
    name: "Another account's key that lets this account in",
    source: 'evidence: kms-denied-foreign',
    users: { Alice: { policy: [may(use, ownersArn)] }, Bob: {} },
    keys: foreignKey([allow(wholeAccount, ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'])]),
    rows: [
      { by: 'Alice', call: encrypt({ KeyId: ownersArn }), expect: allowed },
      { by: 'Alice', call: decrypt('note'), expect: allowed },
      { by: 'Alice', call: ofOther(generateDataKey({ KeyId: ownersArn })), expect: noIdentity },
      { by: 'Bob', call: ofOther(encrypt({ KeyId: ownersArn })), expect: noIdentity },
    ],
  },
  {
    name: "Another account's key that names a user",
    source: 'evidence: kms-denied-foreign',
    users: { Alice: {}, Bob: { policy: [may('kms:*')] } },
    keys: foreignKey([allow(alice, 'kms:Encrypt')]),
    rows: [
      { by: 'Alice', call: ofOther(encrypt({ KeyId: ownersArn })), expect: noIdentity },
      { by: 'Bob', call: encrypt({ KeyId: ownersArn }), expect: isInvisible('kms', 'kms:Encrypt') },
    ],
  },
  {
    name: 'A user of another account',
    source: 'evidence: kms-denied-foreign',
    users: { Carlos: { isForeign: true, policy: [may('kms:*')] }, David: { isForeign: true } },
    keys: key([
      allow(otherAccount, ['kms:Encrypt']),
      { ...deny(carlos, 'kms:Decrypt') },
      { ...allow('*', 'kms:DescribeKey'), Condition: { StringEquals: { 'kms:CallerAccount': exampleAccount } } },
    ]),
    rows: [
      { by: 'Carlos', call: encrypt({ KeyId: keyArn() }), expect: allowed },
      { by: 'Carlos', call: generateDataKey({ KeyId: keyArn() }), expect: isInvisible('kms', 'kms:GenerateDataKey') },
      { by: 'Carlos', call: describeKey(keyArn()), expect: isInvisible('kms', 'kms:DescribeKey') },
      { by: 'David', call: encrypt({ KeyId: keyArn() }), expect: noIdentity },
    ],
  },
]
