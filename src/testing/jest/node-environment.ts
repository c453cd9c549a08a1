import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { TestEnvironment } from 'jest-environment-node'

/** Who depends on whom, from the project on: package managers that are strict show a package to those alone who ask for it. */
const chain = ['jest', '@jest/core', 'jest-config', 'jest-environment-node']

/** The environment of the Jest that runs. @throws Error where the project has no Jest */
export function nodeEnvironment(): typeof TestEnvironment {
  let file = join(process.cwd(), 'package.json')
  for (const name of chain) file = createRequire(file).resolve(name)
  return createRequire(file)(file).TestEnvironment
}
