import { answerOfAws } from '../expected.ts'
import type { Recording } from '../recording.ts'
import { type Answer, arnOf, askedOf, caseOf, type Row, type Scenario, type Source } from '../scenario.ts'
import { assumed, evidenceKinds, weakestOf } from './evidence.ts'
import { settingLines } from './settings.ts'
import { code, shortened } from './statements.ts'

/*
 * docs/policy-decisions.md: the tables as people read them. A chapter for each family, in it for each scenario what is there and a
 * table of who asks what, what AWS answers, and from where that is known.
 */

export interface Chapter {
  title: string
  scenarios: readonly Scenario[]
  recording: Recording | undefined
}

/** @param evidence the text of docs/evidence.md @returns the chapters as Markdown */
export function decisionsDocument(chapters: readonly Chapter[], evidence: string): string {
  const kinds = evidenceKinds(evidence)
  const all = chapters.flatMap(({ title, scenarios, recording }) => [
    `## ${title}`,
    ...scenarios.map((scenario) => scenarioText(scenario, recording, (source) => kindOf(source, kinds))),
  ])
  return `${[countText(chapters, kinds), ...all].join('\n\n')}\n`
}

function scenarioText(scenario: Scenario, recording: Recording | undefined, kindOf: (source: Source) => string) {
  const rows = scenario.rows.map((row) => {
    const about = { case: caseOf(scenario, row), row, arn: arnOf(scenario, row.by) }
    const answer = answerText(answerOfAws(about, recording), row)
    const differs = row.differs
      ? `<br>**The emulator differs**, ${row.differs.why}: ${answerText(row.differs.emulator(about.arn, row.call), row)}`
      : ''
    const isRecorded = recording?.rows.some((one) => one.case === about.case)
    const known = isRecorded ? `recorded ${recording?.date.slice(0, 10)}` : knownText(row, kindOf, scenario)
    return `| ${row.by} | ${callText(row)} | ${answer}${differs} | ${known} |`
  })
  return [
    `### ${scenario.name}`,
    [...settingLines(scenario), fromText(scenario.source)].join('\n'),
    ['| who | asks | answer | known |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n')
}

function callText(row: Row): string {
  return shortened(askedOf(row)).replaceAll('|', '\\|')
}

function knownText({ source }: Row, kindOf: (source: Source) => string, scenario: Scenario): string {
  return source ? `${kindOf(source)}: ${sourceText(source)}` : kindOf(scenario.source)
}

/** What AWS says at length of every refusal is cut down to what tells one from another. */
function answerText({ status, code: name, message }: Answer, { call }: Row): string {
  if (status < 300) return `${status}`
  if (name === 'Unknown' || name === 'NotFound') return `${status}, without a body`
  if (message === 'UnknownError') return `${status} ${name}, without a message`
  const [, action = '', words = ''] = / is not authorized to perform: (\S+) (.*)$/.exec(message) ?? []
  if (!action) return `${status} ${name}: ${shortened(message).replaceAll('|', '\\|')}`
  const reason = shortened(words).replace(/^on resource: \S+ /, '')
  return `${status} ${name}${action === call.action ? '' : ` of ${code(action)}`}, ${reason}`
}

function sourceText(source: Source): string {
  const [kind = '', ...words] = source.split(': ')
  const text = words.join(': ')
  if (kind === 'evidence') return text.replaceAll(/[\w-]+/g, '[$&](evidence.md)')
  return kind === 'docs' ? `AWS, ${text}` : text
}

function fromText(source: Source): string {
  return `- ${source.startsWith('assumed: ') ? assumed : 'known from'} ${sourceText(source)}`
}

function kindOf(source: Source, kinds: ReadonlyMap<string, string>): string {
  if (source.startsWith('docs: ')) return 'docs'
  if (source.startsWith('assumed: ')) return assumed
  const ids = source.slice('evidence: '.length).split(', ')
  const known = ids.map((id) => kinds.get(id) ?? missing(id))
  return known.includes(assumed) ? assumed : weakestOf(known)
}

function missing(id: string): never {
  throw new Error(`docs/evidence.md has no row ${id}`)
}

/** How many rows there are, and of how many AWS's own answer is not known. */
function countText(chapters: readonly Chapter[], kinds: ReadonlyMap<string, string>): string {
  const rows = chapters.flatMap(({ scenarios, recording }) =>
    scenarios.flatMap((scenario) =>
      scenario.rows.map((row) => {
        const isRecorded = recording?.rows.some((one) => one.case === caseOf(scenario, row))
        return isRecorded ? 'recorded here' : kindOf(row.source ?? scenario.source, kinds)
      }),
    ),
  )
  const recorded = rows.filter((kind) => kind === 'recorded here').length
  const guessed = rows.filter((kind) => kind === assumed).length
  return `${rows.length} decisions. This suite recorded ${recorded} of them from AWS; ${guessed} are assumed.`
}
