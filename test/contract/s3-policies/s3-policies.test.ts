import { contract } from '../contract.ts'
import { conditions } from './conditions.ts'
import { nobodyAndEverybody, otherAccounts } from './others.ts'
import { ownAccount } from './own-account.ts'

contract('s3-policies', [...ownAccount, ...otherAccounts, ...nobodyAndEverybody, ...conditions])
