import { contract } from './contract.ts'

contract('s3-policies', 's3-objects', 's3-access')
