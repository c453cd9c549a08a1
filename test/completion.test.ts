import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { findProgram, run } from './clients/programs.ts'

/* Completion as shells do it: each reads its script from the built program, and asks the program. Shells that are not installed are skipped. */

const program = fileURLToPath(new URL('../dist/s3kms-emu.cjs', import.meta.url))
let folder: string
let environment: NodeJS.ProcessEnv

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 's3kms-emu-completion-'))
  writeFileSync(join(folder, 's3kms-emu'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 })
  environment = { ...process.env, NODE_OPTIONS: '', HOME: folder, PATH: `${folder}${delimiter}${process.env.PATH}` }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function testWith(shell: string): typeof test | typeof test.skip {
  return findProgram(shell) ? test : test.skip
}

async function printed(shell: string, flags: string[], script: string): Promise<string[]> {
  const { code, stdout, stderr } = await run(shell, [...flags, '-c', script], { env: environment, cwd: folder })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.trim().split('\n')
}

testWith('bash')('bash completes, and evaluates nothing that is typed', async () => {
  const complete = (...words: string[]) =>
    printed(
      'bash',
      ['--norc'],
      `source <(s3kms-emu completion bash)
      COMP_WORDS=(s3kms-emu ${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length}
      _s3kms_emu
      printf '%s\\n' "\${COMPREPLY[@]}"`,
    )
  expect(await complete('star')).toEqual(['start'])
  expect(await complete('start', '--auth', '')).toEqual(['permissive', 'strict'])
  expect(await complete('start', '$(touch evaluated)', '--fsy')).toEqual(['--fsync'])
  expect((await run('ls', [folder])).stdout).not.toContain('evaluated')
})

testWith('zsh')('zsh completes, with descriptions', async () => {
  const script = `compdef() { :; }
    _files() { print files; }
    _describe() { print -l "\${(@P)2}"; }
    source <(s3kms-emu completion zsh)
    words=(s3kms-emu start --auth '') CURRENT=4
    _s3kms_emu
    words=(s3kms-emu star) CURRENT=2
    _s3kms_emu
    words=(s3kms-emu start --cert '') CURRENT=4
    _s3kms_emu`
  expect(await printed('zsh', ['-f'], script)).toEqual([
    'permissive:',
    'strict:',
    'start:run until SIGINT or SIGTERM',
    'files',
  ])
})

testWith('fish')('fish completes, with descriptions', async () => {
  const script = `s3kms-emu completion fish | source
    complete -C 's3kms-emu start --auth '
    complete -C 's3kms-emu star'`
  expect(await printed('fish', ['--no-config'], script)).toEqual([
    'permissive',
    'strict',
    'start\trun until SIGINT or SIGTERM',
  ])
})
