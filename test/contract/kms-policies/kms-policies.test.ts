import { contract } from '../contract.ts'
import { kmsConditions } from './conditions.ts'
import { grants, grantsToOthers } from './grants.ts'
import { foreignKeys, keyPolicies } from './key-policies.ts'

contract('kms-policies', [...keyPolicies, ...foreignKeys, ...grants, ...grantsToOthers, ...kmsConditions])
