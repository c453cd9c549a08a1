import { expect, test } from '@jest/globals'
import { exec } from './exec.ts'
import { printable, shellWord, table } from './output.ts'

function execute(script: string, environment: NodeJS.ProcessEnv = {}) {
  let isStopped = false
  const startEmulator = async () => ({
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    stop: async () => {
      isStopped = true
    },
  })
  const command = [process.execPath, '-e', script]
  return exec({ command, region: 'eu-west-1', environment, startEmulator }).then((code) => ({ code, isStopped }))
}

test('exec returns the exit code of the command and stops the emulator', async () => {
  expect(await execute('process.exit(7)')).toEqual({ code: 7, isStopped: true })
})

test('exec sets the AWS variables and leaves out a session of another account', async () => {
  const script = `const e = process.env
    const right = e.AWS_ENDPOINT_URL === 'http://127.0.0.1:1' && e.AWS_REGION === 'eu-west-1' &&
      e.AWS_ACCESS_KEY_ID === 'test' && !e.AWS_SESSION_TOKEN && !e.AWS_ENDPOINT_URL_S3 && e.KEPT === 'yes'
    process.exit(right ? 0 : 1)`
  const environment = { AWS_SESSION_TOKEN: 'real', AWS_ENDPOINT_URL_S3: 'https://real', KEPT: 'yes' }
  expect((await execute(script, environment)).code).toBe(0)
})

/** Windows knows no signals: what ends a process there gives its exit code. */
const testSignal = process.platform === 'win32' ? test.skip : test

testSignal('exec answers as a shell when a signal ended the command', async () => {
  expect((await execute('process.kill(process.pid, "SIGTERM")')).code).toBe(143)
})

test('A command that is not there is 127', async () => {
  let isStopped = false
  const startEmulator = async () => ({
    endpoint: '',
    credentials: { accessKeyId: '', secretAccessKey: '' },
    stop: async () => {
      isStopped = true
    },
  })
  expect(await exec({ command: ['no-such-command-here'], region: '', environment: {}, startEmulator })).toBe(127)
  expect(isStopped).toBe(true)
})

test('A table has columns as wide as their widest cell, and the last one ends with its text', () => {
  expect(
    table(
      ['A', 'LONGER', 'C'],
      [
        ['one', 'x', ''],
        ['é', 'y', 'last'],
      ],
    ),
  ).toBe('A    LONGER  C\none  x\né    y       last')
  expect(printable('a\tb\u009b')).toBe('a\\u0009b\\u009b')
})

test('A shell word is quoted only where it must be', () => {
  expect(shellWord('http://127.0.0.1:4566')).toBe('http://127.0.0.1:4566')
  expect(shellWord("it's $HOME")).toBe("'it'\\''s $HOME'")
})
