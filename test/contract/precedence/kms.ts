import { decrypt, encrypt, generateDataKey, reEncrypt } from '../calls.ts'
import { exampleKey, exampleSecondKey, keyArn } from '../names.ts'
import { allowed, fails, noneAllows } from '../outcomes.ts'
import type { Scenario } from '../scenario.ts'
import { may } from '../statements.ts'

/* Which of several faults KMS tells: permission, then the key, then the ciphertext (evidence: kms-key-states, kms-incorrect-key). */

const noIdentity = noneAllows('identity-based policy')
const isInvalid = fails(400, 'InvalidCiphertextException', 'UnknownError')
const isDisabled = fails(400, 'DisabledException', `${keyArn()} is disabled.`)
const wrongKey = fails(
  400,
  'IncorrectKeyException',
  'The key ID in the request does not identify a CMK that can perform this operation.',
)
const wouldWork = fails(
  400,
  'DryRunOperationException',
  'The request would have succeeded, but the DryRun option is set.',
)
const garbage = { CiphertextBlob: Buffer.from('no ciphertext') }
const wrong = { EncryptionContext: { tenant: 'b' } }
const right = { EncryptionContext: { tenant: 'a' } }
const users = { Alice: { policy: [may('kms:*')] }, Bob: {} }
const ciphertexts = { note: { tenant: 'a' } }

export const kmsFaults: Scenario[] = [
  {
    name: 'A ciphertext and its context',
    source: 'evidence: kms-incorrect-key',
    users,
    keys: { [exampleKey]: { ciphertexts }, [exampleSecondKey]: {} },
    rows: [
      { by: 'Alice', call: decrypt('note', right), expect: allowed },
      { by: 'Alice', call: decrypt('note', wrong), when: 'under another context', expect: isInvalid },
      { by: 'Bob', call: decrypt('note', wrong), when: 'under another context', expect: noIdentity },
      { by: 'Alice', call: decrypt('note', garbage), when: 'which is none', expect: isInvalid },
      {
        by: 'Alice',
        call: decrypt('note', { ...right, KeyId: exampleSecondKey }),
        when: 'by another key',
        expect: wrongKey,
      },
      { by: 'Alice', call: decrypt('note', { ...wrong, KeyId: exampleSecondKey }), when: 'by both', expect: wrongKey },
      { by: 'Alice', call: reEncrypt('note', { SourceEncryptionContext: { tenant: 'b' } }), expect: isInvalid },
    ],
  },
  {
    name: 'A disabled key and its ciphertext',
    source: 'evidence: kms-key-states',
    users,
    keys: { [exampleKey]: { ciphertexts, state: 'Disabled' } },
    rows: [
      { by: 'Alice', call: decrypt('note', wrong), when: 'under another context', expect: isDisabled },
      { by: 'Bob', call: decrypt('note', wrong), when: 'under another context', expect: noIdentity },
      { by: 'Alice', call: encrypt({ DryRun: true }), expect: isDisabled },
      { by: 'Bob', call: encrypt({ DryRun: true }), expect: noIdentity },
    ],
  },
  {
    name: 'Calls that are only tried',
    source: 'docs: KMS API Reference, DryRun',
    users,
    keys: { [exampleKey]: { ciphertexts } },
    rows: [
      { by: 'Alice', call: encrypt({ DryRun: true }), expect: wouldWork },
      { by: 'Alice', call: generateDataKey({ DryRun: true }), expect: wouldWork },
      { by: 'Alice', call: decrypt('note', { ...right, DryRun: true }), expect: wouldWork },
      {
        by: 'Alice',
        call: decrypt('note', { ...wrong, DryRun: true }),
        when: 'under another context',
        expect: isInvalid,
      },
      { by: 'Bob', call: encrypt({ DryRun: true }), expect: noIdentity },
    ],
  },
]
