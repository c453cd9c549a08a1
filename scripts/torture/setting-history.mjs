import { createHash } from 'node:crypto'
import { elementOf, Refused } from './client.mjs'

/*
 * What is set rather than stored: a bucket's policy and tags, an IAM user's policy, the trust of a role. Each setting has one writer,
 * and what it was set to carries a marker, so that reading it tells which of them it is:
 *
 *   acknowledged   the marker it must have, or undefined for not set
 *   sent           the one that was on its way when the process ended
 *
 * And who was given credentials can sign with them for ever, a session for as long as it lasts.
 */

const markers = /marker-[0-9a-f]+/
const account = '000000000000'

export class SettingHistory {
  #states = new Map()
  /** Request id → operation, since the last check. */
  #calls = new Map()
  /** Credentials, and the ARN of whom they make the caller. */
  #credentials = []

  /** @param {string} bucket exists, and is asked for nothing else */
  constructor(bucket) {
    this.bucket = bucket
    this.settings = settingsOf(bucket)
  }

  /** What must be there before anything is set. */
  async make(client) {
    await this.#acknowledged('CreateBucket', client.s3('PUT', `/${this.bucket}`))
    await this.#acknowledged('CreateUser', client.query('iam', { Action: 'CreateUser', UserName: 'torture' }))
    const AssumeRolePolicyDocument = documentOf('sts:AssumeRole', undefined, { Principal: { AWS: account } })
    const role = { Action: 'CreateRole', RoleName: 'torture', AssumeRolePolicyDocument }
    await this.#acknowledged('CreateRole', client.query('iam', role))
  }

  /** Sets one of them anew, or takes it away. */
  async change(client, chance) {
    const name = chance.pick(Object.keys(this.settings))
    const { set, unset } = this.settings[name]
    const state = this.#states.get(name) ?? {}
    this.#states.set(name, state)
    const marker =
      unset && state.acknowledged && chance.oneIn(4) ? undefined : `marker-${chance.int(2 ** 32).toString(16)}`
    state.sent = { marker }
    await this.#acknowledged(name, marker === undefined ? unset(client) : set(client, marker))
    Object.assign(state, { acknowledged: marker, sent: undefined })
  }

  /** A user with an access key, or a session of the role. */
  async makeCredentials(client, chance) {
    if (chance.oneIn(2)) {
      const form = { Action: 'AssumeRole', RoleArn: `arn:aws:iam::${account}:role/torture`, RoleSessionName: 'torture' }
      const { body } = await this.#acknowledged('AssumeRole', client.query('sts', form))
      return this.#keep(body, `arn:aws:sts::${account}:assumed-role/torture/torture`)
    }
    const UserName = `torture-${chance.int(2 ** 32)}`
    await this.#acknowledged('CreateUser', client.query('iam', { Action: 'CreateUser', UserName }))
    const form = { Action: 'CreateAccessKey', UserName }
    const { body } = await this.#acknowledged('CreateAccessKey', client.query('iam', form))
    this.#keep(body, `arn:aws:iam::${account}:user/${UserName}`)
  }

  #keep(body, arn) {
    const [user, secret] = [elementOf(body, 'AccessKeyId'), elementOf(body, 'SecretAccessKey')]
    this.#credentials.push({ signer: { user, secret, token: elementOf(body, 'SessionToken') }, arn })
  }

  async #acknowledged(name, asked) {
    const answer = await asked
    if (answer.status < 200 || answer.status >= 300) throw new Refused(name, answer)
    this.#calls.set(answer.headers['x-amz-request-id'] ?? answer.headers['x-amzn-requestid'], name)
    return answer
  }

  /** @returns what is wrong, in words */
  async check(client, chance) {
    return [...(await this.#checkSettings(client)), ...(await this.#checkCredentials(client, chance))]
  }

  async #checkCredentials(client, chance) {
    const faults = []
    for (const { signer, arn } of [
      ...this.#credentials.slice(-3),
      ...(this.#credentials.length > 0 ? [chance.pick(this.#credentials)] : []),
    ]) {
      const { status, body } = await client.query('sts', { Action: 'GetCallerIdentity' }, signer)
      if (elementOf(body, 'Arn') !== arn) faults.push(`credentials of ${arn}: ${status} ${body}`)
    }
    return faults
  }

  async #checkSettings(client) {
    const faults = []
    for (const [name, state] of this.#states) {
      const { status, body } = await this.settings[name].read(client)
      if (status !== 200 && status !== 404) {
        faults.push(`${name}: ${status} ${body}`)
        continue
      }
      const found = markers.exec(decodeURIComponent(body.toString()))?.[0]
      const isRight = found === state.acknowledged || (state.sent && found === state.sent.marker)
      if (!isRight) faults.push(`${name} is ${found}; ${state.acknowledged} was acknowledged`)
      Object.assign(state, { acknowledged: found, sent: undefined })
    }
    return faults
  }

  /** Compares what was called with the request ids of the trail. */
  checkTrail(requestIds) {
    const missing = [...this.#calls].filter(([requestId]) => !requestIds.has(requestId))
    this.#calls.clear()
    return missing.map(([requestId, name]) => `the trail has no event of a change of the ${name}, ${requestId}`)
  }
}

function settingsOf(bucket) {
  const resource = `arn:aws:s3:::${bucket}/*`
  const policyOf = (marker) => documentOf('s3:GetObject', marker, { Principal: { AWS: account }, Resource: resource })
  const tagsOf = (marker) => `<Tagging><TagSet><Tag><Key>a</Key><Value>${marker}</Value></Tag></TagSet></Tagging>`
  const user = { UserName: 'torture', PolicyName: 'torture' }
  return {
    'bucket policy': configuration(bucket, 'policy', policyOf),
    'bucket tagging': configuration(bucket, 'tagging', tagsOf),
    'user policy': {
      set: (client, marker) =>
        client.query('iam', { Action: 'PutUserPolicy', ...user, PolicyDocument: identityDocument(marker) }),
      unset: (client) => client.query('iam', { Action: 'DeleteUserPolicy', ...user }),
      read: (client) => client.query('iam', { Action: 'GetUserPolicy', ...user }),
    },
    'trust of a role': {
      set: (client, marker) => {
        const PolicyDocument = documentOf('sts:AssumeRole', marker, { Principal: { AWS: account } })
        return client.query('iam', { Action: 'UpdateAssumeRolePolicy', RoleName: 'torture', PolicyDocument })
      },
      read: (client) => client.query('iam', { Action: 'GetRole', RoleName: 'torture' }),
    },
  }
}

function md5(text) {
  return createHash('md5').update(text).digest('base64')
}

function configuration(bucket, name, bodyOf) {
  const query = [[name, '']]
  return {
    set: (client, marker) => {
      const body = bodyOf(marker)
      return client.s3('PUT', `/${bucket}`, { query, body, headers: { 'content-md5': md5(body) } })
    },
    unset: (client) => client.s3('DELETE', `/${bucket}`, { query }),
    read: (client) => client.s3('GET', `/${bucket}`, { query }),
  }
}

function identityDocument(marker) {
  return documentOf('s3:GetObject', marker, { Resource: '*' })
}

/**
 * A policy that carries the marker in a statement of its own, which nobody meets: every kind of policy may have one, and is given back
 * as it was sent. Besides, a role's trust goes on to trust.
 */
function documentOf(Action, marker, more) {
  const statement = { Effect: 'Allow', Action, ...more }
  const marked = { ...statement, Condition: { StringEquals: { 'aws:PrincipalTag/a': marker } } }
  return JSON.stringify({ Version: '2012-10-17', Statement: marker === undefined ? [statement] : [statement, marked] })
}
