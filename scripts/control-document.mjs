// Makes docs/control-api.md from the table that serves the control API. `--check` (part of `npm run lint`) compares the file.
import { readFileSync, writeFileSync } from 'node:fs'
import { loadSource } from './load-source.mjs'

const file = new URL('../docs/control-api.md', import.meta.url)
const { controlRoutes } = await loadSource('src/control/routes.ts')
const { contentTypeOf } = await loadSource('src/control/route.ts')

const guards = {
  machine: 'this machine, or whoever bears `--control-token`; no browser',
  anyone: 'every program, and whoever types the address; no page',
}

function section({ name, method, path, summary, guard, parameters, body, answers }) {
  const rows = Object.entries(parameters).map(
    ([parameter, declared]) =>
      `| \`${parameter}\` | ${declared.in} | ${declared.type}${declared.required ? ', required' : ''} | ${declared.summary} |`,
  )
  const table = ['| Parameter | In | Type | |', '| --- | --- | --- | --- |', ...rows].join('\n')
  const parts = [`## ${name}`, `\`${method} /_s3kms${path}\``, summary, `For: ${guards[guard]}.`]
  if (rows.length > 0) parts.push(table)
  if (body) parts.push(`Body: \`${body.contentType}\`. ${body.summary}`)
  if (body?.shape) parts.push(memberTable(body.shape))
  if (answers) parts.push(`Answer: \`${contentTypeOf({ answers })}\`.`)
  return `${parts.join('\n\n')}\n`
}

function memberTable(shape) {
  const rows = membersOf(shape, '').map(([name, type]) => `| \`${name}\` | ${type} |`)
  return ['| Member | Type |', '| --- | --- |', ...rows].join('\n')
}

/** Members with those within them: `match.key`, `rules[].match`. */
function membersOf({ description }, place) {
  if (description.members)
    return Object.entries(description.members).flatMap(([name, member]) => {
      const within = place === '' ? name : `${place}.${name}`
      if (!('required' in member)) return membersOf(member, within)
      const [[own, type], ...inner] = membersOf(member.shape, within)
      return [[own, `${type}, required`], ...inner]
    })
  if (description.type === 'list' && description.item.description.members)
    return membersOf(description.item, `${place}[]`)
  return [[place, typeWords(description)]]
}

function typeWords({ type, values, item }) {
  if (values) return `one of ${values.map((value) => `\`${value}\``).join(', ')}`
  return type === 'list' ? `list of ${typeWords(item.description)}s` : type
}

const document = `# The control API

Made by \`npm run control-document\` from the table in \`src/control/routes.ts\`; do not edit. The paths are beside AWS's own on the same
port, unsigned, with JSON in their answers: 200; 400, 403, 404, 405, 409, 413 and 422 with the reason.
\`GET /_s3kms/openapi.json\` is the same for machines.
A path without a body refuses one: its parameters go into the query.
The members of answers are those of the library's types (\`Audit\`, \`Inspection\`, \`Verification\`, \`Suggestion\`, \`PolicyAnswer\`, \`FaultReport\`,
\`ClockReading\`, …), which \`dist/s3kms-emu.d.mts\` of the package describes.
\`docs/security.md\` says why no browser may call them.

${controlRoutes.map(section).join('\n')}`

if (!process.argv.includes('--check')) writeFileSync(file, document)
else if (readFileSync(file, 'utf8') !== document) {
  console.error('docs/control-api.md is not what the table makes: npm run control-document')
  process.exitCode = 1
}
