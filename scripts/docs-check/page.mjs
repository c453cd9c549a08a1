// One document, run from its beginning to its end in a folder of its own, as a reader would who has the package installed.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { scratchProject } from '../scratch-project.mjs'
import { programsOf } from './blocks.mjs'
import { openComparison } from './compare.mjs'
import { Background, Shell } from './shell.mjs'

/** Programs that a machine may not have; what needs them is skipped there, and the page's rest with it. */
const optional = [
  'aws',
  'pytest',
  'python3',
  'pip',
  'terraform',
  'tofu',
  'docker',
  'podman',
  'go',
  'java',
  'rclone',
  'jq',
  'curl',
]

/**
 * @param blocks of the document
 * @returns what was run, what was not and why, and what went wrong; beside each step what it printed
 */
export async function runPage(blocks) {
  const result = { run: 0, notRun: [], skipped: [], faults: [] }
  if (!blocks.some(({ kind }) => kind === 'console' || kind === 'script')) return noteNotRun(blocks, result)
  const page = new Page(result)
  try {
    for (const block of blocks) await page.take(block)
  } catch (error) {
    result.faults.push({ line: page.line, message: error.message })
  } finally {
    await page.end()
  }
  return result
}

function noteNotRun(blocks, result) {
  for (const { kind, reason } of blocks) if (kind === 'not-run') result.notRun.push(reason)
  return result
}

class Page {
  line = 0
  #result
  #project = scratchProject()
  #environment
  #shell
  #emulator
  #port
  #comparison = openComparison()
  #missing

  constructor(result) {
    this.#result = result
    this.#environment = environmentOf(this.#project.folder)
    this.#shell = new Shell(this.#project.folder, this.#environment)
  }

  async take(block) {
    this.line = block.line
    if (block.kind === 'not-run') return void this.#result.notRun.push(block.reason)
    if (block.kind === 'file') return this.#write(block)
    const commands = block.kind === 'console' ? block.steps.map(({ command }) => command) : [block.content.join('\n')]
    this.#missing ??= commands.flatMap(programsOf).find((name) => optional.includes(name) && !isHere(name))
    if (this.#missing !== undefined) return void this.#result.skipped.push(this.#missing)
    if (block.kind === 'script') return this.#runScript(block)
    for (const step of block.steps) await this.#runStep(step)
  }

  #write({ file, content }) {
    const path = join(this.#project.folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${content.join('\n')}\n`)
  }

  async #runScript({ content }) {
    if (content.some(isStart)) throw new Error('a script that starts an emulator never ends: show it as console')
    const { code, lines } = await this.#shell.run(this.#here(content.join('\n')))
    this.#result.run++
    if (code !== 0) throw new Error(`it ended with ${code}:\n${lines.join('\n')}`)
  }

  async #runStep(step) {
    const printed = isStart(step.command)
      ? await this.#start(step.command)
      : (await this.#shell.run(this.#here(step.command))).lines
    this.#result.run++
    step.printed = printed.map((line) => this.#usual(line))
    const difference = this.#comparison.firstDifference(step.expected, step.printed)
    if (!difference) return
    step.differs = true
    const shown = step.printed.map((line, index) => `${index === difference.from ? '>' : ' '} ${line}`)
    const wanted = step.expected[difference.at] ?? '(nothing more)'
    this.#result.faults.push({
      line: this.line,
      message: `$ ${step.command}\nthe document has: ${wanted}\n${shown.join('\n')}`,
    })
  }

  async #start(command) {
    await this.#emulator?.end()
    const free = command.replaceAll(/--(website|s3|kms)-port \d+/g, '--$1-port 0')
    this.#emulator = new Background(free, this.#project.folder, { ...this.#environment, S3KMS_PORT: '0' })
    const lines = await this.#emulator.until(/^export .*\n|"message":"ready".*\n/m)
    this.#port = /127\.0\.0\.1:\d+/.exec(lines.join('\n'))[0]
    writeFileSync(join(this.#project.folder, '.endpoint'), `http://${this.#port}`)
    return lines
  }

  /** Readers have the usual port, the check a free one. */
  #here(command) {
    const own = this.#comparison.here(command)
    return this.#port === undefined
      ? own
      : own.replaceAll(/(127\.0\.0\.1|localhost):4566/g, `$1:${this.#port.split(':')[1]}`)
  }

  #usual(line) {
    const own = this.#port === undefined ? line : line.replaceAll(`:${this.#port.split(':')[1]}`, ':4566')
    return own.replaceAll(this.#project.folder, '/home/you/project')
  }

  async end() {
    await this.#shell.end()
    await this.#emulator?.end()
    this.#project.remove()
  }
}

function isStart(command) {
  return /(^|[\s/])s3kms-emu(\.cjs)? start\b/.test(command) && !/--help/.test(command)
}

/** Of Python what a page needs of it is meant. */
function isHere(program) {
  const isPython = program === 'python3'
  const found = isPython ? "python3 -c 'import boto3, pytest'" : `command -v ${program}`
  return spawnSync('bash', ['-c', found]).status === 0
}

/** Nothing of the machine's own AWS settings, and programs of the project first. */
function environmentOf(folder) {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|S3KMS_|NODE_OPTIONS|FORCE_COLOR|CI$)/.test(name))
  const programs = join(folder, '.programs')
  mkdirSync(programs)
  writeFileSync(join(programs, 'npx'), npx)
  chmodSync(join(programs, 'npx'), 0o755)
  return {
    ...Object.fromEntries(own),
    PATH: [programs, process.env.PATH].join(delimiter),
    HOME: folder,
    PROJECT: folder,
    NO_COLOR: '1',
    NODE_NO_WARNINGS: '1',
    COLUMNS: '80',
    PYTHONDONTWRITEBYTECODE: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    LC_ALL: 'C.UTF-8',
  }
}

/** What npx does of a package that is installed, without asking a registry; commands that know the usual port find the free one. */
const npx = `#!/usr/bin/env bash
while [ "\${1#-}" != "$1" ]; do shift; done
program="$PROJECT/node_modules/.bin/$1"; shift
[ -x "$program" ] || { echo "npx: $program is not installed" >&2; exit 1; }
if [ "\${program##*/}" = s3kms-emu ] && [ -z "\${AWS_ENDPOINT_URL:-}" ] && [ -f "$PROJECT/.endpoint" ] && [ "$1" != start ] && [ "$1" != exec ]; then
  AWS_ENDPOINT_URL=$(cat "$PROJECT/.endpoint") exec "$program" "$@"
fi
exec "$program" "$@"
`
