import { contract } from './contract.ts'

contract('s3-policies')
