import type { TrailRecord } from '../../trail/event.ts'

/** What counts as a use of a key (KeyLastUsageTrackingOperation in AWS's model). */
const uses = new Set([
  'Decrypt',
  'DeriveSharedSecret',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
])

/** Whether a call used its keys: it succeeded, and did not only manage them. */
export function isUse({ eventSource, eventName, errorCode }: TrailRecord): boolean {
  return eventSource === 'kms.amazonaws.com' && errorCode === undefined && uses.has(eventName)
}
