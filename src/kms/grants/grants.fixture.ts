import { userCaller } from '../../aws/caller.ts'
import { accountId, openKms, refusal } from '../kms.fixture.ts'

export const app = userCaller(accountId, 'app', 'AKIAAPP')
export const dataKey = { KeySpec: 'AES_256' }
export const grantToApp = { GranteePrincipal: app.arn, Operations: ['GenerateDataKey', 'Decrypt'] }

/** A KMS with one key, and the user `app` who may do nothing of its own. */
export async function openWithApp() {
  const kms = await openKms()
  await kms.declare(app.arn)
  const { id, arn } = await kms.createKey()
  const asApp = (name: string, input: object = {}) => kms.call(name, input, { caller: app })
  const grant = async (input: object = {}) => {
    const made = await kms.call('CreateGrant', { KeyId: id, ...grantToApp, ...input })
    return { id: String(made.GrantId), token: String(made.GrantToken) }
  }
  const generate = (EncryptionContext?: object) =>
    refusal(asApp('GenerateDataKey', { KeyId: id, ...dataKey, EncryptionContext }))
  return { ...kms, id, arn, asApp, grant, generate }
}
