// Makes COVERAGE.md: every operation of the APIs, from the very tables that serve them, and the sentences of the owner's three
// documents with the tests that hold them. `--check` (part of `npm run lint`) compares the file with what this makes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { evidenceIn } from './coverage-evidence.mjs'
import { loadSource } from './load-source.mjs'

const root = new URL('../', import.meta.url)

/** The whole document, as text. */
async function coverageDocument() {
  const { kmsOperations, supportedOperations } = await loadSource('src/kms/operations/index.ts')
  const { operations } = await loadSource('src/s3/operations/index.ts')
  const { controlOperations } = await loadSource('src/s3/control/operations.ts')
  const { absentOperations: absentFromControl } = await loadSource('src/s3/control/absent-operations.ts')
  const { notImplemented } = await loadSource('src/s3/operations/not-implemented.ts')
  const { absentOperations } = await loadSource('src/trail/operations.ts')
  const { cloudTrailOperations } = await loadSource('src/cloudtrail/operations/index.ts')
  const { iamOperations } = await loadSource('src/iam/operations/index.ts')
  const { modelOperations } = await loadSource('src/iam/operations/model-operations.ts')
  const { stsOperations, absentOperations: absentFromSts } = await loadSource('src/sts/operations/index.ts')
  const ofS3 = evidenceIn('src/s3/operations', 'src/s3/configurations', 'src/s3/control')
  const ofKms = evidenceIn('src/kms/operations')
  const ofIam = evidenceIn('src/iam/operations')
  const ofSts = evidenceIn('src/sts/operations')
  const ofCloudTrail = evidenceIn('src/cloudtrail/operations', 'src/trail')
  const supported = new Set(supportedOperations.map(({ name }) => name))
  const kms = [...kmsOperations.values()].map(({ name, differs }) =>
    supported.has(name)
      ? [name, 'yes', differs ?? '', ofKms(name)]
      : [name, 'UnsupportedOperationException', '', ofKms(name)],
  )
  const iam = modelOperations.map((name) => {
    const operation = iamOperations.get(name)
    return operation ? [name, 'yes', operation.differs ?? '', ofIam(name)] : [name, 'InvalidAction', '', ofIam(name)]
  })
  const lookups = 'no limit of two requests a second; an event is there when its call was answered'
  const cloudTrail = [
    ['LookupEvents', 'yes', lookups, ofCloudTrail('LookupEvents')],
    ...[...cloudTrailOperations.values()].map(({ name, differs }) => [name, 'yes', differs ?? '', ofCloudTrail(name)]),
    ...[...absentOperations].map((name) => [name, 'UnsupportedOperationException', '', ofCloudTrail(name)]),
  ]
  const sts = [
    ...[...stsOperations.values()].map(({ name, differs }) => [name, 'yes', differs ?? '', ofSts(name)]),
    ...absentFromSts.map((name) => [name, 'InvalidAction', '', ofSts(name)]),
  ]
  const s3 = [
    ...operations.map(({ name, route, differs }) => [name, 'yes', `\`${route}\``, differs ?? '', ofS3(name)]),
    ...notImplemented.map(({ name, route }) => [name, '501 NotImplemented', `\`${route}\``, '', ofS3(name)]),
  ]
  const control = [
    ...controlOperations.map(({ name, route, differs }) => [name, 'yes', `\`${route}\``, differs ?? '', ofS3(name)]),
    ...absentFromControl.map(({ name, route }) => [name, '501 NotImplemented', `\`${route}\``, '', ofS3(name)]),
  ]
  return `# What is here

Made by \`npm run coverage-document\` from the operation tables and the tests; do not edit. Every operation of AWS's that is not
here answers with a refusal that names it. An empty remark means: as AWS does, as far as is known. What proves a row is AWS's API reference and
model, and the facts of [docs/evidence.md](docs/evidence.md) that its code cites, by the kind of their strongest source.

## S3

${count(s3)}

${table(['Operation', 'Here', 'Route', 'What differs', 'What proves it'], byName(s3))}

## S3 Control

${count(control)} At any host, where \`x-amz-account-id\` is sent: clients put the account in front of the endpoint's name.

${table(['Operation', 'Here', 'Route', 'What differs', 'What proves it'], byName(control))}

## KMS

${count(kms)} The refused ones are recorded in the trail like any other call.

${table(['Operation', 'Here', 'What differs', 'What proves it'], byName(kms))}

## CloudTrail

${count(cloudTrail)} Calls of all but LookupEvents are in the trail; what trails deliver and when: [docs/trail-files.md](docs/trail-files.md).

${table(['Operation', 'Here', 'What differs', 'What proves it'], byName(cloudTrail))}

## IAM

${count(iam)} Whether a caller may call one is decided by its own policies; all of them are in the trail.

${table(['Operation', 'Here', 'What differs', 'What proves it'], byName(iam))}

## STS

${count(sts)} Every service here honours the session tokens.

${table(['Operation', 'Here', 'What differs', 'What proves it'], byName(sts))}

## Server-side encryption, sentence by sentence

What three documents of the Amazon S3 Developer Guide say of server-side encryption, and the tests (\`test/seeds\`) that hold it.

${seedSections()}
`
}

function seedSections() {
  const documents = JSON.parse(readFileSync(new URL('fixtures/seed-sentences.json', root), 'utf8'))
  const names = testNames()
  return Object.values(documents)
    .map(({ title, sentences }) => {
      const rows = Object.entries(sentences).map(([number, sentence]) => [
        number,
        sentence,
        names.filter((name) => name.split(' ').includes(number)).join('; '),
      ])
      return `### ${title}\n\n${table(['', 'Sentence', 'Test'], rows)}`
    })
    .join('\n\n')
}

function testNames() {
  const folder = new URL('test/seeds/', root)
  const sources = readdirSync(folder).filter((name) => name.endsWith('.test.ts'))
  return sources
    .flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/\(\s*(['"`])([KFC]\d+ .*?)\1/g)])
    .map(([, , name]) => name)
}

function count(rows) {
  return `${rows.filter(([, here]) => here === 'yes').length} of ${rows.length} operations.`
}

function byName(rows) {
  return rows.toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function table(headings, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}

const file = new URL('COVERAGE.md', root)
const text = await coverageDocument()
if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  console.error('COVERAGE.md is not what the tables say: npm run coverage-document')
  process.exitCode = 1
}
