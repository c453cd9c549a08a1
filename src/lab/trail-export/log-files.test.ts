import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { writeLogFiles } from './log-files.ts'

async function* nothing() {}

const testOnLinux = existsSync('/proc/self') ? test : test.skip

testOnLinux('A folder that cannot be made is told with its cause, and nothing waits for ever', async () => {
  await expect(writeLogFiles('/proc/nope', nothing())).rejects.toThrow('ENOENT: no such file or directory, mkdir')
})
