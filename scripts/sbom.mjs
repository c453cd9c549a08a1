// `npm run sbom`: dist/sbom.cdx.json, CycloneDX 1.5: what `npm sbom` says of the lock file, less all that is not in the bundle. npm
// itself knows those packages as tools of the development alone. Run it behind the build, whose NOTICE says what is in the bundle.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const onWindows = process.platform === 'win32'

const notice = readFileSync(join(root, 'dist/NOTICE'), 'utf8')
const bundled = [...notice.matchAll(/^ {2}(\S+) (\d\S*): (\S+)$/gm)].map(([, name, version]) => `${name}@${version}`)
const inAddon = [...notice.matchAll(/^ {2}(\S+) \(in classic-level\): (\S+)$/gm)]

const parameters = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only']
const settings = { cwd: root, encoding: 'utf8', shell: onWindows, maxBuffer: 64 << 20 }
const sbom = JSON.parse(execFileSync(onWindows ? 'npm.cmd' : 'npm', parameters, settings))
const product = sbom.metadata.component['bom-ref']
const isBundled = (reference) => bundled.includes(reference.split('|').pop())

const components = sbom.components.filter(({ name, version }) => bundled.includes(`${name}@${version}`))
const missing = bundled.filter((one) => !components.some(({ name, version }) => `${name}@${version}` === one))
if (missing.length > 0) throw new Error(`the lock file does not have what is bundled: ${missing.join(', ')}`)
// npm marks them as tools of the development; in the bundle they are part of the product.
for (const component of components) Object.assign(component, { scope: 'required', properties: undefined })
for (const [, name, license] of inAddon) {
  const licenses = [{ license: { id: license } }]
  components.push({
    'bom-ref': name,
    type: 'library',
    name,
    scope: 'required',
    licenses,
    description: 'in the addon of classic-level',
  })
}
const references = new Set(components.map((component) => component['bom-ref']))
const dependencies = sbom.dependencies
  .filter(({ ref }) => ref === product || references.has(ref))
  .map(({ ref, dependsOn = [] }) => ({
    ref,
    dependsOn: ref === product ? [...references] : dependsOn.filter((one) => references.has(one) && isBundled(one)),
  }))

const file = join(root, 'dist/sbom.cdx.json')
writeFileSync(file, `${JSON.stringify({ ...sbom, components, dependencies }, undefined, 2)}\n`)
console.log(`${file}: ${components.length} components`)
