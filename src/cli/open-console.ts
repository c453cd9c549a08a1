import { execFileSync, spawn } from 'node:child_process'
import type { ReadStream } from 'node:tty'

/** What opens an address in the browser, by platform. */
const openers: Partial<Record<NodeJS.Platform, readonly [command: string, ...given: string[]]>> = {
  darwin: ['open'],
  linux: ['xdg-open'],
  win32: ['cmd', '/c', 'start', ''],
}

/**
 * Opens the console when `o` is typed, as long as the program runs in a terminal.
 * @param input where it is typed; nothing is done where it is no terminal, or that of others: whoever reads a terminal from the
 *   background is stopped by it
 * @returns what ends it
 */
export function openConsoleAtKey(input: ReadStream, address: string): () => void {
  if (!input.isTTY || !isInForeground()) return () => undefined
  // Raw: each key comes by itself, Ctrl-C too, which must go on to end the program.
  const typed = (keys: Buffer) => {
    if (keys.includes(0x03)) process.kill(process.pid, 'SIGINT')
    else if (keys.toString() === 'o') openInBrowser(address)
  }
  input.setRawMode(true)
  input.on('data', typed)
  input.unref()
  return () => {
    input.off('data', typed)
    input.setRawMode(false)
    input.pause()
  }
}

/** Whether the terminal's process group is ours. Windows has none. */
function isInForeground(): boolean {
  if (process.platform === 'win32') return true
  try {
    const shown = execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' })
    const [own, foreground] = shown.trim().split(/\s+/)
    return own !== undefined && own === foreground
  } catch {
    return false
  }
}

/** Where nothing opens browsers, nothing happens: the address stands in the terminal. */
function openInBrowser(address: string): void {
  const [command, ...given] = openers[process.platform] ?? []
  if (command === undefined) return
  const child = spawn(command, [...given, address], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
