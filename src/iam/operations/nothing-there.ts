import { boolean, type Shape, string, structure } from '../../protocol/shapes.ts'
import { arnNamed, findUser, nameOf, userOrCaller } from '../entities/entities.ts'
import { iamErrors } from '../errors.ts'
import { iamOperation } from '../operation.ts'
import type { Paging } from '../pages.ts'
import { ExistingUserName, paging, UserName } from '../shapes.ts'

/*
 * What no user has here, because it cannot be made: whoever asks for all of a user before it is deleted (Terraform's force_destroy)
 * is told the truth, that there is none.
 */

function none<Input extends Paging & { UserName?: string }>(name: string, member: string, input: Shape<Input>) {
  return iamOperation({
    name,
    input,
    readOnly: true,
    on: (call, { UserName }) => (UserName === undefined ? '*' : arnNamed(call, 'user', UserName)),
    handle(call, { UserName }) {
      if (UserName !== undefined) findUser(call, UserName)
      return { [member]: [], IsTruncated: false }
    },
  })
}

const ofExisting = structure({ UserName: ExistingUserName, ...paging })
const ofUser = structure({ UserName, ...paging })

export const ListMFADevices = none('ListMFADevices', 'MFADevices', ofExisting)
export const ListSSHPublicKeys = none('ListSSHPublicKeys', 'SSHPublicKeys', ofUser)
export const ListSigningCertificates = none('ListSigningCertificates', 'Certificates', ofExisting)
export const ListServiceSpecificCredentials = none(
  'ListServiceSpecificCredentials',
  'ServiceSpecificCredentials',
  structure({ UserName, ServiceName: string(), AllUsers: boolean(), ...paging }),
)
export const ListVirtualMFADevices = none(
  'ListVirtualMFADevices',
  'VirtualMFADevices',
  structure({ AssignmentStatus: string(), ...paging }),
)

const ofLogin = structure({ UserName })

function login(name: 'GetLoginProfile' | 'DeleteLoginProfile') {
  return iamOperation({
    name,
    input: ofLogin,
    readOnly: name === 'GetLoginProfile',
    on: (call, { UserName }) => (UserName === undefined ? call.caller.arn : arnNamed(call, 'user', UserName)),
    handle(call, { UserName }) {
      const user = nameOf(userOrCaller(call, UserName))
      throw iamErrors.NoSuchEntity(`Login Profile for User ${user} cannot be found.`)
    },
  })
}

export const GetLoginProfile = login('GetLoginProfile')
export const DeleteLoginProfile = login('DeleteLoginProfile')
