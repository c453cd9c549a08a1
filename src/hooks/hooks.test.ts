import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createLog } from '../log.ts'
import { requireHookFolders } from './folders.ts'
import { Hooks } from './hooks.ts'

let folder: string
let logged: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hooks-'))
  logged = ''
})

afterEach(() => rm(folder, { recursive: true }))

/** A script that writes its path into a file, and ends with a code. */
async function script(path: string, code = 0, mode = 0o755): Promise<void> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\necho "${path} $WHO" >> ${join(folder, 'ran')}\nexit ${code}\n`, { mode })
  await chmod(file, mode)
}

function open(folders = [join(folder, 'init')], shutdownTime?: number): Hooks {
  const write = (text: string) => {
    logged += text
  }
  const log = createLog({ level: 'warn', json: false, now: () => 0, write })
  return new Hooks({ folders, log, environment: () => ({ PATH: process.env.PATH, WHO: 'me' }), shutdownTime })
}

const ran = async () => (await readFile(join(folder, 'ran'), 'utf8')).trim().split('\n')

test('The scripts of a stage run in the order of their names, a folder’s own first, and no other stage’s', async () => {
  for (const path of ['ready.d/b.sh', 'ready.d/a.sh', 'ready.d/a/z.sh', 'ready.d/readme.txt', 'start.d/s.sh']) {
    await script(`init/${path}`)
  }
  const hooks = open()
  await hooks.run('READY')
  expect(await ran()).toEqual(['init/ready.d/a.sh me', 'init/ready.d/b.sh me', 'init/ready.d/a/z.sh me'])
  expect(hooks.progress.completed).toEqual({ BOOT: false, START: false, READY: true, SHUTDOWN: false })
  expect(hooks.progress.scripts).toEqual(
    ['a.sh', 'b.sh', 'z.sh'].map((name) => ({ stage: 'READY', name, state: 'SUCCESSFUL' })),
  )
})

test('What lies in the folder itself is run when it is ready', async () => {
  await script('old/one.sh')
  const hooks = open([join(folder, 'old')])
  await hooks.run('START')
  expect(hooks.progress.scripts).toEqual([])
  await hooks.run('READY')
  expect(await ran()).toEqual(['old/one.sh me'])
})

test('A script that fails, and one that may not be executed, keep no other from running', async () => {
  await script('init/boot.d/1.sh', 3)
  await script('init/boot.d/2.sh', 0, 0o644)
  await script('init/boot.d/3.sh')
  const hooks = open()
  await hooks.run('BOOT')
  expect(hooks.progress.scripts.map(({ state }) => state)).toEqual(['ERROR', 'ERROR', 'SUCCESSFUL'])
  expect(hooks.progress.completed.BOOT).toBe(true)
  expect(logged).toContain('1.sh: it ended with 3')
  expect(logged).toContain('2.sh: it may not be executed: chmod +x')
})

test('Links to scripts are scripts, and what Kubernetes mounts twice is run once', async () => {
  await script('init/ready.d/..2026_11_30/x.sh')
  await symlink('..2026_11_30', join(folder, 'init/ready.d/..data'))
  await symlink('..data/x.sh', join(folder, 'init/ready.d/x.sh'))
  await open().run('READY')
  expect(await ran()).toHaveLength(1)
})

test('Once it is told to end no further script begins', async () => {
  await script('init/ready.d/1.sh')
  const hooks = open()
  await hooks.run('READY', AbortSignal.abort())
  expect(hooks.progress.scripts).toEqual([{ stage: 'READY', name: '1.sh', state: 'UNKNOWN' }])
})

test('A script that takes no notice of being told to end is killed', async () => {
  const file = join(folder, 'init/ready.d/1.sh')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\ntrap '' TERM\necho $$ > ${join(folder, 'ran')}\nwhile :; do sleep 0.1; done\n`, {
    mode: 0o755,
  })
  const ending = new AbortController()
  const run = open().run('READY', ending.signal)
  const pid = Number(await eventually(async () => (await ran())[0]))
  ending.abort()
  await run
  expect(await eventually(async () => !isRunning(pid))).toBe(true)
})

test('Scripts of SHUTDOWN that hang are ended when their time is over, with what they started', async () => {
  const file = join(folder, 'init/shutdown.d/1.sh')
  await mkdir(dirname(file), { recursive: true })
  const child = `(trap '' TERM; while :; do sleep 0.1; done) & echo $! > ${join(folder, 'ran')}`
  await writeFile(file, `#!/bin/sh\n${child}\nwait\n`, { mode: 0o755 })
  await script('init/shutdown.d/2.sh')
  const hooks = open(undefined, 1000)
  await hooks.run('SHUTDOWN')
  expect(hooks.progress.scripts.map(({ state }) => state)).toEqual(['ERROR', 'UNKNOWN'])
  expect(await eventually(async () => logged.includes('1.sh: ended by SIGTERM'))).toBe(true)
  const pid = Number((await ran())[0])
  expect(await eventually(async () => !isRunning(pid))).toBe(true)
})

test('A file in the place of a folder of scripts is refused by its name, and a folder that is not there is none', async () => {
  const file = join(folder, 'script.sh')
  await writeFile(file, '')
  await requireHookFolders([folder, join(folder, 'none')])
  await expect(requireHookFolders([file])).rejects.toThrow(`not the file ${file}`)
})

/** What a look gives at last: it is taken again until it gives something. */
async function eventually<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
  for (;;) {
    const found = await look().catch(() => undefined)
    if (found) return found
    await new Promise(setImmediate)
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('Without a folder, or with one that is not there, a stage is simply over', async () => {
  const [without, absent] = [open([]), open([join(folder, 'none')])]
  await without.run('READY')
  await absent.run('READY')
  expect([without, absent].map(({ progress }) => progress.completed.READY)).toEqual([true, true])
})
