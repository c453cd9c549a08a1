import { contract } from '../contract.ts'
import { ownAccount } from './own-account.ts'

contract('s3-policies', [...ownAccount])
