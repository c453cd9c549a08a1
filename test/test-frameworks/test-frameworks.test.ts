import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

/* Projects as users have them, with the package as it is built: Jest, Vitest, pytest and the TypeScript compiler run in them. */

const here = fileURLToPath(new URL('.', import.meta.url))
const python = fileURLToPath(new URL('../../python', import.meta.url))
const isWindows = process.platform === 'win32'
const { scratchProject } = await import('../../scripts/scratch-project.mjs' as string)

let folder: string
let remove: () => void

beforeAll(() => {
  ;({ folder, remove } = scratchProject())
  for (const name of ['jest-project', 'vitest-project', 'pytest-project', 'typescript-project']) {
    cpSync(join(here, name), join(folder, name), { recursive: true })
    copyFileSync(join(here, 'fixtures.yaml'), join(folder, name, 'fixtures.yaml'))
  }
})

afterAll(() => remove())

/** A program of the project, run in one of its folders. @returns its exit code and what it printed */
function run(place: string, command: string, parameters: string[], environment: NodeJS.ProcessEnv = {}) {
  const { CI: _ci, FORCE_COLOR: _color, ...own } = process.env
  const { status, stdout, stderr } = spawnSync(command, parameters, {
    cwd: join(folder, place),
    encoding: 'utf8',
    env: { ...own, NODE_OPTIONS: '', NO_COLOR: '1', ...environment },
  })
  return { status, printed: stdout + stderr }
}

function runModule(place: string, module: string, parameters: string[], environment: NodeJS.ProcessEnv = {}) {
  return run(place, process.execPath, [join(folder, 'node_modules', module), ...parameters], environment)
}

test('With the preset for Jest every test file has an emulator, and expect has the matchers', () => {
  const modules = { NODE_OPTIONS: '--experimental-vm-modules' }
  const matching = ['--testMatch', '**/*.test.?(m)js']
  const { status, printed } = runModule('jest-project', 'jest/bin/jest.js', matching, modules)
  expect(printed).toContain('Tests:       3 passed, 3 total')
  expect(status).toBe(0)
})

test('With the setup for Vitest every test file has an emulator, and expect has the matchers', () => {
  const { status, printed } = runModule('vitest-project', 'vitest/vitest.mjs', ['run'])
  expect(printed).toMatch(/Tests +3 passed \(3\)/)
  expect(status).toBe(0)
})

test('TypeScript knows the matchers of Jest and Vitest, and refuses members that there are not', () => {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    skipLibCheck: true,
  }
  writeFileSync(
    join(folder, 'typescript-project/tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['typed.ts'] }),
  )
  expect(runModule('typescript-project', 'typescript/bin/tsc', ['--project', '.'])).toEqual({ status: 0, printed: '' })
})

const hasPytest = !isWindows && spawnSync('python3', ['-c', 'import boto3, pytest']).status === 0
const withPytest = hasPytest ? test : test.skip

withPytest('With the plugin for pytest every test has the emulator as the fixtures made it', () => {
  const command = `${process.execPath} ${join(folder, 'node_modules/s3kms-emu/dist/s3kms-emu.cjs')}`
  const environment = { PYTHONPATH: python, S3KMS_EMU_COMMAND: command, PYTHONDONTWRITEBYTECODE: '1' }
  const { status, printed } = run('pytest-project', 'python3', ['-m', 'pytest', '-q'], environment)
  expect(printed).toContain('7 passed')
  expect(status).toBe(0)
})
