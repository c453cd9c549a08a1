import { RetireGrantCommand, RevokeGrantCommand } from '@aws-sdk/client-kms'
import { exampleGrant, exampleKey, keyArn } from './names.ts'
import type { Call } from './scenario.ts'

/* Calls of the rows that end grants. */

export function retireGrant(GrantId = exampleGrant): Call {
  const send: Call['send'] = ({ clients, actual }) =>
    clients.kms.send(new RetireGrantCommand(actual({ KeyId: keyArn(), GrantId })))
  return { name: 'RetireGrant', action: 'kms:RetireGrant', resource: keyArn(), success: 200, send }
}

export function revokeGrant(GrantId = exampleGrant): Call {
  const send: Call['send'] = ({ clients, actual }) =>
    clients.kms.send(new RevokeGrantCommand(actual({ KeyId: exampleKey, GrantId })))
  return { name: 'RevokeGrant', action: 'kms:RevokeGrant', resource: keyArn(), success: 200, send }
}
