import { keysOfOthers } from './kms-and-s3/keys-of-others.ts'
import { keyStates, throughS3 } from './kms-and-s3/through-s3.ts'
import { kmsConditions } from './kms-policies/conditions.ts'
import { grants, grantsToOthers } from './kms-policies/grants.ts'
import { grantsEnded } from './kms-policies/grants-ended.ts'
import { foreignKeys, keyPolicies } from './kms-policies/key-policies.ts'
import { keyDenials, keyManagement } from './kms-policies/management.ts'
import { kmsFaults } from './precedence/kms.ts'
import { missingObjects, sealedObjects } from './precedence/s3-and-kms.ts'
import { denies } from './s3-access/denies.ts'
import { ownership } from './s3-access/ownership.ts'
import { publicAccess } from './s3-access/public-access.ts'
import { callers, origins, presignedUrls, tags, transports } from './s3-access/requests.ts'
import { aclsAsConditions, aclsOfAccounts, aclsOfGroups } from './s3-objects/acls.ts'
import { uploads } from './s3-objects/uploads.ts'
import { versions } from './s3-objects/versions.ts'
import { conditions } from './s3-policies/conditions.ts'
import { nobodyAndEverybody, otherAccounts } from './s3-policies/others.ts'
import { ownAccount } from './s3-policies/own-account.ts'
import type { Scenario } from './scenario.ts'

export type Family = keyof typeof families

/** All that is asked, in families: each has a recording, a chapter of the document, and a test file. */
export const families = {
  's3-policies': {
    title: 'S3: identity and bucket policies',
    scenarios: [...ownAccount, ...otherAccounts, ...nobodyAndEverybody, ...conditions],
  },
  's3-objects': {
    title: 'S3: versions, uploads, ACLs',
    scenarios: [...versions, ...uploads, ...aclsOfAccounts, ...aclsOfGroups, ...aclsAsConditions],
  },
  's3-access': {
    title: 'S3: ownership, public access, how a request came, denials',
    scenarios: [
      ...[...ownership, ...publicAccess, ...transports, ...presignedUrls],
      ...[...origins, ...callers, ...tags, ...denies],
    ],
  },
  'kms-policies': {
    title: 'KMS: key policies, grants, conditions',
    scenarios: [
      ...[...keyPolicies, ...foreignKeys, ...grants, ...grantsToOthers],
      ...[...grantsEnded, ...kmsConditions, ...keyManagement, ...keyDenials],
    ],
  },
  'kms-and-s3': {
    title: 'KMS through S3: refusals, keys of other accounts, states of keys',
    scenarios: [...throughS3, ...keysOfOthers, ...keyStates],
  },
  precedence: {
    title: 'Which of several faults is told',
    scenarios: [...sealedObjects, ...missingObjects, ...kmsFaults],
  },
} satisfies Record<string, { title: string; scenarios: readonly Scenario[] }>
