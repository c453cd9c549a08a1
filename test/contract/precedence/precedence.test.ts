import { contract } from '../contract.ts'

contract('precedence')
