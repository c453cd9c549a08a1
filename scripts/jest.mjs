// `node scripts/jest.mjs PROJECT …`: Jest with the flags that ES modules need, in every system's shell. What follows goes to Jest.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
const configuration = fileURLToPath(new URL('../jest.config.mjs', import.meta.url))
// Tests leave little behind and make much: a larger nursery is collected a quarter as often, which is a sixth of a property test's time.
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--max-semi-space-size=64']
const [project, ...given] = process.argv.slice(2)
if (!project) throw new Error('Name a project: node scripts/jest.mjs unit')
// --selectProjects takes every word up to the next option, so --config stands between it and the files that are named.
const asked = ['--selectProjects', project, '--config', configuration, ...given]
const { status, error } = spawnSync(process.execPath, [...flags, jest, ...asked], { stdio: 'inherit' })
if (error) throw error
process.exitCode = status ?? 1
