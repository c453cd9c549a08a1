import { type ChildProcess, spawn } from 'node:child_process'
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { HooksOptions } from './hooks.ts'
import type { ScriptRecord, Stage } from './progress.ts'

/*
 * Scripts as LocalStack runs them ("Initialization Hooks" of its documentation): .sh by itself, so it must be executable and say by
 * what it is run, .py by Python; in the order of their names, a folder's own before those of its folders.
 *
 *   /etc/localstack/init/ready.d/{01.sh, 02.py, more/03.sh}       /docker-entrypoint-initaws.d/{01.sh, 02.py}
 */

/**
 * Runs the scripts of a stage, one after another.
 * @param records gains one for each, before the first is run; its state follows
 */
export async function runScripts(
  stage: Stage,
  records: ScriptRecord[],
  options: HooksOptions & { signal?: AbortSignal },
): Promise<void> {
  const found = await Promise.all(options.folders.map((folder) => scriptsOfStage(folder, stage)))
  const scripts = found.flat().map((path) => {
    const record: ScriptRecord = { stage, name: basename(path), state: 'UNKNOWN' }
    return { path, record }
  })
  records.push(...scripts.map(({ record }) => record))
  for (const { path, record } of scripts) {
    if (options.signal?.aborted) return
    options.log.info(`running ${stage} script ${path}`)
    record.state = 'RUNNING'
    const failure = await run(path, options)
    record.state = failure === undefined ? 'SUCCESSFUL' : 'ERROR'
    if (failure !== undefined) options.log.warn(`error while running script ${path}: ${failure}`)
  }
}

/** What lies in the folder itself is of READY: so it was in the folder that LocalStack had before version 2. */
async function scriptsOfStage(folder: string, stage: Stage): Promise<string[]> {
  const own = stage === 'READY' ? (await entriesOf(folder)).scripts : []
  return [...own, ...(await scriptsUnder(join(folder, `${stage.toLowerCase()}.d`)))]
}

async function scriptsUnder(folder: string): Promise<string[]> {
  const { scripts, folders } = await entriesOf(folder)
  const within = await Promise.all(folders.map(scriptsUnder))
  return [...scripts, ...within.flat()]
}

/** A folder that is not there has none. */
async function entriesOf(folder: string): Promise<{ scripts: string[]; folders: string[] }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
  const pathsOf = (chosen: Dirent[]) => chosen.map(({ name }) => join(folder, name)).sort()
  const scripts = pathsOf(entries.filter(({ name }) => /\.(sh|py)$/.test(name)))
  const areFiles = await Promise.all(scripts.map(isFile))
  return {
    scripts: scripts.filter((_, index) => areFiles[index]),
    // Where Kubernetes mounts a ConfigMap, `..data` and the like hold the same files a second time.
    folders: pathsOf(entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('..'))),
  }
}

/** Through links, too. */
async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false
}

/** How long a script has to end when it is told to, in ms. */
const patience = 1000

/** @returns why it failed; undefined: it did not */
function run(
  path: string,
  { environment, signal }: Pick<HooksOptions, 'environment'> & { signal?: AbortSignal },
): Promise<string | undefined> {
  const [program, words]: [string, string[]] = path.endsWith('.py') ? ['python3', [path]] : [path, []]
  return new Promise((resolve) => {
    // A group of its own, so that what the script has started ends with it.
    const script = spawn(program, words, {
      env: environment(),
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    })
    let killing: NodeJS.Timeout | undefined
    const end = () => {
      endGroup(script, 'SIGTERM')
      // A script that takes no notice of it would keep the emulator from ending.
      killing = setTimeout(() => endGroup(script, 'SIGKILL'), patience)
    }
    // In a group of its own it hears no Ctrl-C, and a second one ends this process at once.
    const endAtOnce = () => endGroup(script, 'SIGKILL')
    process.once('exit', endAtOnce)
    signal?.addEventListener('abort', end, { once: true })
    script.once('close', () => process.off('exit', endAtOnce))
    script.once('error', (error: NodeJS.ErrnoException) => resolve(whyNotRun(error, program)))
    script.once('exit', (code, ended) => {
      signal?.removeEventListener('abort', end)
      clearTimeout(killing)
      if (signal?.aborted) endGroup(script, 'SIGKILL')
      if (code === 0) resolve(undefined)
      else resolve(code === null ? `ended by ${ended}` : `it ended with ${code}`)
    })
  })
}

/** All that a script has started; it may have ended already. */
function endGroup(script: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (script.pid !== undefined) process.kill(-script.pid, signal)
  } catch {
    // Windows has no groups.
    script.kill(signal)
  }
}

function whyNotRun({ code, message }: NodeJS.ErrnoException, program: string): string {
  if (code === 'EACCES') return `it may not be executed: chmod +x ${program}`
  if (code === 'ENOENT') return `${program}, or the program that its first line names, is not there`
  return message
}
