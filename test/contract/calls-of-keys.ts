import {
  EnableKeyRotationCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyRotationStatusCommand,
  ListResourceTagsCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { exampleGrant, exampleKey, keyArn } from './names.ts'
import type { Call } from './scenario.ts'

/* Calls of the rows that manage keys and end grants. */

const KeyId = exampleKey

function ofKey(operation: string, send: Call['send']): Call {
  return { name: operation, action: `kms:${operation}`, resource: keyArn(), success: 200, send }
}

export function retireGrant(GrantId = exampleGrant): Call {
  return ofKey('RetireGrant', ({ clients, actual }) =>
    clients.kms.send(new RetireGrantCommand(actual({ KeyId: keyArn(), GrantId }))),
  )
}

export function revokeGrant(GrantId = exampleGrant): Call {
  return ofKey('RevokeGrant', ({ clients, actual }) =>
    clients.kms.send(new RevokeGrantCommand(actual({ KeyId, GrantId }))),
  )
}

export function generateDataKeyWithoutPlaintext(): Call {
  const input = { KeyId, KeySpec: 'AES_256' as const }
  return ofKey('GenerateDataKeyWithoutPlaintext', ({ clients, actual }) =>
    clients.kms.send(new GenerateDataKeyWithoutPlaintextCommand(actual(input))),
  )
}

export function enableKeyRotation(RotationPeriodInDays?: number): Call {
  const call = ofKey('EnableKeyRotation', ({ clients, actual }) =>
    clients.kms.send(new EnableKeyRotationCommand(actual({ KeyId, RotationPeriodInDays }))),
  )
  return RotationPeriodInDays ? { ...call, name: `EnableKeyRotation every ${RotationPeriodInDays} days` } : call
}

export function getKeyRotationStatus(): Call {
  return ofKey('GetKeyRotationStatus', ({ clients, actual }) =>
    clients.kms.send(new GetKeyRotationStatusCommand(actual({ KeyId }))),
  )
}

export function scheduleKeyDeletion(PendingWindowInDays: number): Call {
  const call = ofKey('ScheduleKeyDeletion', ({ clients, actual }) =>
    clients.kms.send(new ScheduleKeyDeletionCommand(actual({ KeyId, PendingWindowInDays }))),
  )
  return { ...call, name: `ScheduleKeyDeletion in ${PendingWindowInDays} days` }
}

export function updateKeyDescription(): Call {
  return ofKey('UpdateKeyDescription', ({ clients, actual }) =>
    clients.kms.send(new UpdateKeyDescriptionCommand(actual({ KeyId, Description: 'another one' }))),
  )
}

export function listResourceTags(): Call {
  return ofKey('ListResourceTags', ({ clients, actual }) =>
    clients.kms.send(new ListResourceTagsCommand(actual({ KeyId }))),
  )
}
