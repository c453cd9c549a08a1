/** Every state of a key that DescribeKey shows. Source: KMS Developer Guide, "Key states of AWS KMS keys". */
export const keyStates = [
  'Enabled',
  'Disabled',
  'PendingDeletion',
  'PendingReplicaDeletion',
  'PendingImport',
  'Unavailable',
] as const
export type KeyState = (typeof keyStates)[number]

/** What most changes of a key want of its state. */
export const notPendingDeletion = ['Enabled', 'Disabled', 'PendingImport', 'Unavailable'] as const
