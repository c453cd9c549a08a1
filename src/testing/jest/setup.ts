import { expect } from '@jest/globals'
import { trailMatchers } from '../index.ts'

expect.extend(trailMatchers)
