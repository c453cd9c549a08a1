// Makes docs/control-api.md from the table that serves the control API. `--check` (part of `npm run lint`) compares the file.
import { readFileSync, writeFileSync } from 'node:fs'
import { loadSource } from './load-source.mjs'

const file = new URL('../docs/control-api.md', import.meta.url)
const { controlRoutes } = await loadSource('src/control/routes.ts')

const guards = {
  machine: 'this machine, or whoever bears `--control-token`; no browser',
  anyone: 'every program, and whoever types the address; no page',
}

function section({ name, method, path, summary, guard, parameters }) {
  const rows = Object.entries(parameters).map(
    ([parameter, declared]) => `| \`${parameter}\` | ${declared.in} | ${declared.type} | ${declared.summary} |`,
  )
  const table = ['| Parameter | In | Type | |', '| --- | --- | --- | --- |', ...rows].join('\n')
  return `## ${name}\n\n\`${method} /_s3kms${path}\`\n\n${summary}\n\nFor: ${guards[guard]}.${rows.length > 0 ? `\n\n${table}` : ''}\n`
}

const document = `# The control API

Made by \`npm run control-document\` from the table in \`src/control/routes.ts\`; do not edit. The paths are beside AWS's own on the same
port, unsigned, with JSON in their answers: 200, 403 with the reason, 404, 405. \`GET /_s3kms/openapi.json\` is the same for machines.
\`docs/security.md\` says why no browser may call them.

${controlRoutes.map(section).join('\n')}`

if (!process.argv.includes('--check')) writeFileSync(file, document)
else if (readFileSync(file, 'utf8') !== document) {
  console.error('docs/control-api.md is not what the table makes: npm run control-document')
  process.exitCode = 1
}
