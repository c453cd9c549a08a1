import { createGrant, decrypt, encrypt, listGrants } from '../calls.ts'
import { generateDataKeyWithoutPlaintext, retireGrant, revokeGrant } from '../calls-of-keys.ts'
import { exampleKey, exampleSecondGrant, keyArn } from '../names.ts'
import { allowed, deniedBy, fails, noneAllows } from '../outcomes.ts'
import type { KeySpec, Scenario, Source } from '../scenario.ts'
import { alice, allow, deny, may, roleArn, userArn, wholeAccount } from '../statements.ts'

/*
 * How grants end: who may retire them the grants say themselves, who may revoke them the policies (KMS Developer Guide, "Retiring and
 * revoking grants"; evidence: kms-grant-constraints).
 */

const source: Source = 'docs: KMS Developer Guide, "Retiring and revoking grants"'
const noIdentity = noneAllows('identity-based policy')
const once = 'a grant ends only once'
const toBob = { GranteePrincipal: userArn('Bob') }

function key(grants: KeySpec['grants'], more: KeySpec = {}): Record<string, KeySpec> {
  return { [exampleKey]: { ciphertexts: { none: {} }, grants, ...more } }
}

export const grantsEnded: Scenario[] = [
  {
    name: 'The retiring principal',
    source,
    users: { Alice: {}, Bob: {}, Dora: {} },
    keys: key([{ ...toBob, Operations: ['Decrypt'], RetiringPrincipal: userArn('Alice') }]),
    rows: [
      { by: 'Bob', call: decrypt('none'), expect: allowed },
      { by: 'Bob', call: retireGrant(), expect: noIdentity },
      { by: 'Dora', call: retireGrant(), expect: noIdentity },
      { by: 'Alice', call: revokeGrant(), expect: noIdentity },
      { by: 'Alice', call: listGrants(), expect: noIdentity },
      { by: 'Alice', call: retireGrant(), expect: allowed, emulatorAlone: once },
      { by: 'Bob', call: decrypt('none'), when: 'when it is retired', expect: noIdentity, emulatorAlone: once },
    ],
  },
  {
    name: 'A grantee who may retire, whatever the constraint',
    source: 'evidence: kms-grant-constraints',
    users: { Bob: {} },
    keys: key([
      {
        ...{ ...toBob, Operations: ['Decrypt', 'RetireGrant'] },
        Constraints: { EncryptionContextEquals: { tenant: 'a' } },
      },
    ]),
    rows: [
      { by: 'Bob', call: decrypt('none'), expect: noIdentity },
      { by: 'Bob', call: revokeGrant(), expect: noIdentity },
      { by: 'Bob', call: retireGrant(), expect: allowed, emulatorAlone: once },
    ],
  },
  {
    name: 'A role as the retiring principal',
    source,
    users: { Bob: {} },
    roles: { ExampleRole: {} },
    keys: key([{ ...toBob, Operations: ['Decrypt'], RetiringPrincipal: roleArn('ExampleRole') }]),
    rows: [{ by: 'ExampleRole', call: retireGrant(), expect: allowed, emulatorAlone: once }],
  },
  {
    name: 'A Deny of retiring',
    source,
    users: { Alice: {}, Bob: {} },
    keys: key([{ ...toBob, Operations: ['Decrypt'], RetiringPrincipal: userArn('Alice') }], {
      policy: [allow(wholeAccount, 'kms:*'), deny(alice, 'kms:RetireGrant')],
    }),
    rows: [{ by: 'Alice', call: retireGrant(), expect: deniedBy('resource-based policy') }],
  },
  {
    name: 'Who may revoke',
    source,
    users: { Alice: { policy: [may('kms:RevokeGrant')] }, Bob: {}, Dora: {} },
    keys: key(
      [
        { ...toBob, Operations: ['Decrypt', 'Encrypt'] },
        { ...toBob, Operations: ['GenerateDataKeyWithoutPlaintext'] },
      ],
      { policy: [allow(wholeAccount, 'kms:*'), allow({ AWS: userArn('Dora') }, 'kms:ListGrants')] },
    ),
    rows: [
      { by: 'Bob', call: generateDataKeyWithoutPlaintext(), expect: allowed },
      { by: 'Bob', call: revokeGrant(), expect: noIdentity },
      { by: 'Dora', call: listGrants(), expect: allowed },
      { by: 'Dora', call: revokeGrant(), expect: noIdentity },
      { by: 'Alice', call: revokeGrant(exampleSecondGrant), expect: allowed, emulatorAlone: once },
      {
        by: 'Alice',
        call: revokeGrant(exampleSecondGrant),
        when: 'again',
        expect: fails(
          400,
          'InvalidGrantIdException',
          'The request was rejected because the specified GrantId is not valid.',
        ),
        source: 'assumed: the message is what the API reference says of the code',
        emulatorAlone: once,
      },
      { by: 'Bob', call: encrypt(), expect: allowed },
      {
        by: 'Bob',
        call: generateDataKeyWithoutPlaintext(),
        when: 'when it is revoked',
        expect: noIdentity,
        emulatorAlone: once,
      },
    ],
  },
  {
    name: 'Grants on a disabled key',
    source: 'evidence: kms-key-states',
    users: { Alice: { policy: [may('kms:*')] }, Bob: {} },
    keys: key([{ ...toBob, Operations: ['Decrypt'], RetiringPrincipal: userArn('Alice') }], { state: 'Disabled' }),
    rows: [
      {
        by: 'Alice',
        call: createGrant({ ...toBob, Operations: ['Decrypt'] }),
        expect: fails(400, 'DisabledException', `${keyArn()} is disabled.`),
      },
      { by: 'Bob', call: createGrant({ ...toBob, Operations: ['Decrypt'] }), expect: noIdentity },
      { by: 'Alice', call: listGrants(), expect: allowed },
      { by: 'Bob', call: decrypt('none'), expect: fails(400, 'DisabledException', `${keyArn()} is disabled.`) },
      { by: 'Alice', call: retireGrant(), expect: allowed, emulatorAlone: once },
    ],
  },
  {
    name: 'Grants on a key that waits for its material',
    source: 'evidence: kms-key-states',
    users: { Alice: { policy: [may('kms:*')] } },
    keys: { [exampleKey]: { state: 'PendingImport' } },
    rows: [
      {
        by: 'Alice',
        call: createGrant({ ...toBob, GranteePrincipal: userArn('Alice'), Operations: ['Decrypt'] }),
        expect: fails(400, 'KMSInvalidStateException', `${keyArn()} is pending import.`),
      },
      { by: 'Alice', call: listGrants(), expect: allowed },
      {
        by: 'Alice',
        call: encrypt(),
        expect: fails(400, 'KMSInvalidStateException', `${keyArn()} is pending import.`),
      },
    ],
  },
]
