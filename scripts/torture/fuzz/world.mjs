import { Client, elementOf } from '../client.mjs'

/* What requests name: buckets with objects and an upload, keys, a ciphertext, a grant, a user and a role that sign. */

const account = '000000000000'
let worlds = 0

export async function freshWorld(program) {
  const client = new Client(program)
  const number = worlds++
  const keys = await makeKeys(client)
  const buckets = await makeBuckets(client, number)
  const callers = await makeCallers(client, number)
  client.close()
  return { port: program.port, ...keys, ...buckets, ...callers }
}

async function makeKeys(client) {
  const createKey = async (input) => (await client.kms('CreateKey', input)).output.KeyMetadata.KeyId
  const keyId = await createKey({})
  const macKeyId = await createKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const lostKeyId = await createKey({ Origin: 'EXTERNAL' })
  await client.kms('DeleteAlias', { AliasName: 'alias/fuzz' })
  await client.kms('CreateAlias', { AliasName: 'alias/fuzz', TargetKeyId: keyId })
  const Plaintext = Buffer.from('fuzz').toString('base64')
  const encrypted = await client.kms('Encrypt', { KeyId: keyId, Plaintext, EncryptionContext: { a: 'b' } })
  const GranteePrincipal = `arn:aws:iam::${account}:user/app`
  const grant = await client.kms('CreateGrant', { KeyId: keyId, GranteePrincipal, Operations: ['Decrypt'] })
  const { GrantId: grantId, GrantToken: grantToken } = grant.output
  return { keyId, macKeyId, lostKeyId, ciphertext: encrypted.output.CiphertextBlob, grantId, grantToken }
}

/** One bucket that is its account's alone, and one whose rules change: ACLs have a meaning there and everybody may be let in. */
async function makeBuckets(client, number) {
  const [bucket, ruledBucket] = [`fuzz-${number}`, `ruled-${number}`]
  const objectKeys = ['object-1', 'object-2', 'a/b/c', 'with space', '\u00e9\u{1F600}', 'a+b&c=d']
  for (const name of [bucket, ruledBucket]) {
    await client.ok('PUT', `/${name}`)
    for (const key of objectKeys) await client.ok('PUT', `/${name}/${key}`, { body: `body of ${key}` })
  }
  const versionIds = number % 2 === 0 ? ['null'] : await makeVersions(client, bucket, objectKeys)
  const ownership =
    '<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>'
  await client.ok('PUT', `/${ruledBucket}`, { query: [['ownershipControls', '']], body: ownership })
  await client.ok('DELETE', `/${ruledBucket}`, { query: [['publicAccessBlock', '']] })
  const { body } = await client.ok('POST', `/${bucket}/object-1`, { query: [['uploads', '']] })
  const ownerId = elementOf((await client.ok('GET', '/')).body, 'ID')
  return { bucket, ruledBucket, objectKeys, versionIds, uploadId: elementOf(body, 'UploadId'), ownerId }
}

/** Versions and delete markers over what is there. @returns their ids */
async function makeVersions(client, bucket, keys) {
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await client.ok('PUT', `/${bucket}`, { query: [['versioning', '']], body })
  const ids = ['null']
  for (const key of keys) {
    for (const method of ['PUT', 'DELETE', 'PUT']) {
      const { headers } = await client.ok(method, `/${bucket}/${key}`)
      ids.push(headers['x-amz-version-id'])
    }
  }
  return ids
}

/** A user and a role of one name, with a policy that allows some of it; they sign, beside the administrator. */
async function makeCallers(client, number) {
  const name = `signer-${number}`
  const policyArn = `arn:aws:iam::${account}:policy/${name}`
  const roleArn = `arn:aws:iam::${account}:role/${name}`
  const allowed = { Effect: 'Allow', Action: ['s3:Get*', 's3:List*', 's3:PutObject', 'iam:*', 'sts:*'], Resource: '*' }
  const trusted = { Effect: 'Allow', Principal: { AWS: account }, Action: ['sts:AssumeRole', 'sts:TagSession'] }
  const PolicyDocument = documentOf(allowed)
  const iam = (Action, form) => ask(client, 'iam', { Action, ...form })
  await iam('CreateUser', { UserName: name })
  await iam('CreatePolicy', { PolicyName: name, PolicyDocument })
  await iam('PutUserPolicy', { UserName: name, PolicyName: 'own', PolicyDocument })
  await iam('CreateRole', { RoleName: name, AssumeRolePolicyDocument: documentOf(trusted) })
  await iam('AttachRolePolicy', { RoleName: name, PolicyArn: policyArn })
  const user = credentialsOf(await iam('CreateAccessKey', { UserName: name }))
  const session = { Action: 'AssumeRole', RoleArn: roleArn, RoleSessionName: 'fuzz' }
  const role = credentialsOf(await ask(client, 'sts', session))
  const signers = [user, role, { user: 'test', secret: 'test' }]
  return {
    userName: name,
    roleName: name,
    userArn: `arn:aws:iam::${account}:user/${name}`,
    roleArn,
    policyArn,
    signers,
  }
}

async function ask(client, service, form) {
  const { status, body } = await client.query(service, form)
  if (status !== 200) throw new Error(`${form.Action}: ${status} ${body}`)
  return body
}

function documentOf(...Statement) {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

function credentialsOf(body) {
  const token = elementOf(body, 'SessionToken')
  return { user: elementOf(body, 'AccessKeyId'), secret: elementOf(body, 'SecretAccessKey'), ...(token && { token }) }
}
