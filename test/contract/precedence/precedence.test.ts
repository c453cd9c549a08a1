import { contract } from '../contract.ts'
import { kmsFaults } from './kms.ts'
import { missingObjects, sealedObjects } from './s3-and-kms.ts'

contract('precedence', [...sealedObjects, ...missingObjects, ...kmsFaults])
