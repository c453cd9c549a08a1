// Fenced blocks of a document:
//
//   ```console                         commands behind `$ `, each with the output that is shown of it
//   ```sh                              a script, whose exit code must be 0
//   ```js file=upload.test.js          written to that file before what follows is run
//   ```sh not-run="needs Docker"       not run, and counted with the reason
//
// Others are left alone. A line of a command that goes on ends in `\` or within quotes, or its next one begins with `> `.

/** What is one although the block does not say so. */
const commandLine =
  /^(\$ |(?:sudo )?(aws|buildah|curl|docker|git|go|kubectl|node|npm|npx|pip|podman|pytest|rclone|s3kms-emu|terraform) )/
const shells = new Set(['console', 'sh', 'bash', 'shell'])

/**
 * @param text of a document
 * @returns its blocks that are run or written, with the number of the line that opens them (from 1)
 * @throws Error that names the line of a block nobody can tell what to do with
 */
export function blocksOf(text) {
  const lines = text.split('\n')
  const blocks = []
  for (let index = 0; index < lines.length; index++) {
    const [, indent, info] = /^( *)```(.*)$/.exec(lines[index]) ?? []
    if (info === undefined) continue
    const end = lines.findIndex((line, at) => at > index && line.trim() === '```')
    if (end < 0) throw new Error(`line ${index + 1}: the block has no end`)
    const content = lines.slice(index + 1, end).map((line) => line.slice(indent.length))
    const block = readBlock({ info, content, line: index + 1 })
    if (block) blocks.push(block)
    index = end
  }
  return blocks
}

function readBlock({ info, content, line }) {
  const language = info.split(' ')[0]
  const file = /(?:^| )file=(\S+)/.exec(info)?.[1]
  const notRun = /(?:^| )not-run="([^"]+)"/.exec(info)?.[1]
  if (language === '' && content.some((text) => commandLine.test(text))) {
    throw new Error(`line ${line}: the block has commands: call it console, or sh`)
  }
  if (file !== undefined) return { kind: 'file', file, content, line }
  if (!shells.has(language)) return undefined
  if (notRun !== undefined) return { kind: 'not-run', reason: notRun, content, line }
  if (language === 'console') return { kind: 'console', steps: stepsOf(content, line), line }
  return { kind: 'script', content, line }
}

/** Commands and what is shown of each. */
function stepsOf(content, line) {
  const steps = []
  for (const [index, text] of content.entries()) {
    const last = steps.at(-1)
    if (text.startsWith('$ ')) steps.push({ shown: [text], command: text.slice(2), expected: [] })
    else if (!last) throw new Error(`line ${line + index + 1}: output before the first command`)
    else if (last.expected.length === 0 && goesOn(last.command, text)) {
      last.shown.push(text)
      last.command += `\n${text.startsWith('> ') ? text.slice(2) : text}`
    } else last.expected.push(text)
  }
  for (const { expected } of steps) while (expected.at(-1) === '') expected.pop()
  return steps
}

function goesOn(command, next) {
  const hasOpenQuote = command.replaceAll(/\\./g, '').split("'").length % 2 === 0
  return next.startsWith('> ') || command.endsWith('\\') || hasOpenQuote
}

/** The programs that commands begin with. */
export function programsOf(command) {
  const words = command.replaceAll(/'[^']*'/g, "''").split(/\n|\||&&|;|\$\(/)
  return words
    .map((text) => /^\s*(?:\w+=\S* )*([\w./-]+)(?![\w./-]*=)/.exec(text)?.[1])
    .filter((name) => name !== undefined)
}
