// The version stands in package.json. `npm version 0.2.0` changes it there and in the lock file, runs this, which writes it wherever
// else it must stand and begins its chapter of CHANGELOG.md, and makes one commit and one tag of all.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const [, before] = /version = '([^']+)'/.exec(readFileSync(join(root, 'src/version.ts'), 'utf8'))

/** What is written, and whether it must be there: README may show the version, or not. */
const changes = [
  { file: 'src/version.ts', found: `'${before}'`, written: `'${version}'`, isDemanded: true },
  {
    file: 'python/pyproject.toml',
    found: `version = "${before}"`,
    written: `version = "${version}"`,
    isDemanded: true,
  },
  { file: 'CHANGELOG.md', found: '## Unreleased\n', written: `## Unreleased\n\n## ${version}\n`, isDemanded: true },
  { file: 'README.md', found: `s3kms-emu-${before}.tgz`, written: `s3kms-emu-${version}.tgz`, isDemanded: false },
  {
    file: 'README.md',
    found: `s3kms-emu ${before} is ready`,
    written: `s3kms-emu ${version} is ready`,
    isDemanded: false,
  },
]

for (const { file, found, written, isDemanded } of changes) {
  const path = join(root, file)
  const text = readFileSync(path, 'utf8')
  if (isDemanded && !text.includes(found)) throw new Error(`${file} does not have ${JSON.stringify(found)}`)
  writeFileSync(path, text.replaceAll(found, written))
}
execFileSync('git', ['add', ...new Set(changes.map(({ file }) => file))], { cwd: root, stdio: 'inherit' })
