import { contract } from '../contract.ts'

contract('kms-policies')
