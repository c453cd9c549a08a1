// Makes docs/cli.md from the commands as commander has them. `--check` (part of `npm run lint`) compares the file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const file = join(root, 'docs/cli.md')

/** The program, compiled beside node_modules, where it finds commander. */
async function loadProgram() {
  const folder = mkdtempSync(join(root, '.cli-document-'))
  try {
    const outfile = join(folder, 'program.cjs')
    const options = { absWorkingDir: root, entryPoints: ['src/cli/program.ts'], bundle: true, platform: 'node' }
    await build({ ...options, format: 'cjs', packages: 'external', target: 'node20', outfile, logLevel: 'error' })
    return createRequire(import.meta.url)(outfile)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every command that does something, in the order of --help; of a group those in it. */
function leavesOf(command, name) {
  const doesSomething = command.commands.length === 0 || command._actionHandler
  const inner = command.commands.filter((own) => !own._hidden).flatMap((own) => leavesOf(own, `${name} ${own.name()}`))
  return doesSomething ? [{ command, name }, ...inner] : inner
}

function section({ command, name }) {
  const parts = [`## ${name}`, `\`${name} ${command.usage()}\``, `${capital(command.description())}.`]
  const given = command.registeredArguments.map((own) => [own.name(), own.description])
  if (given.length > 0) parts.push(table(['Argument', ''], given))
  const options = command.options.filter(({ hidden }) => !hidden)
  if (options.length > 0)
    parts.push(
      table(
        ['Option', ''],
        options.map((own) => [`\`${own.flags}\``, own.description]),
      ),
    )
  const examples = examplesOf(command)
  if (examples.length > 0) parts.push(['```sh not-run="examples of --help"', ...examples, '```'].join('\n'))
  return parts.join('\n\n')
}

function examplesOf(command) {
  let text = ''
  command.configureOutput({
    writeOut: (more) => {
      text += more
    },
  })
  command.outputHelp()
  const examples = text.split('\nExamples:\n')[1] ?? ''
  return examples
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function table(headings, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

// Each help that is asked for listens to it.
process.stdout.setMaxListeners(0)
const { createProgram } = await loadProgram()
const leaves = leavesOf(
  createProgram({}, () => {}),
  's3kms-emu',
).filter(({ command }) => command.name() !== 'help')
const document = `# The command line

Made by \`npm run cli-document\` from the commands as they are; do not edit. \`s3kms-emu COMMAND --help\` says the same. Every option of \`start\` and
\`exec\` is a variable too, named behind it; a flag wins over its variable. One that is on or off takes \`true\`, \`1\`, \`yes\` or \`false\`, \`0\`, \`no\` there.

Exit codes: 0; 1 when something could not be done (port in use, data folder in use, wrong root key, bad fixture file); 2 for a wrong option.
\`exec\` ends as its command does.

${leaves.map(section).join('\n\n')}
`

if (!process.argv.includes('--check')) writeFileSync(file, document)
else if (readFileSync(file, 'utf8') !== document) {
  console.error('docs/cli.md is not what the commands make: npm run cli-document')
  process.exitCode = 1
}
