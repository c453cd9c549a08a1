import { contract } from './contract.ts'

contract('kms-policies', 'kms-and-s3', 'precedence')
