import type { ToldRuling, Weighing } from '../../answers.ts'
import { Badge } from './notice.tsx'

/** Whether something may be done, with each statement that was weighed: what of it fits, and what the request has instead. */
export function Ruling({ ruling: { action, resource, allowed, because, weighed, advice } }: { ruling: ToldRuling }) {
  return (
    <div class="ruling">
      <p>
        <Badge kind={allowed ? 'good' : 'bad'}>{allowed ? 'allowed' : 'refused'}</Badge> <code>{action}</code> on{' '}
        <code>{resource}</code>: {because}
      </p>
      <ol class="weighed">
        {weighed.map((one, position) => (
          <Weighed key={`${position} ${one.subject}`} {...one} />
        ))}
      </ol>
      {advice.map((sentence) => (
        <p key={sentence}>
          <strong>To change it:</strong> {sentence}
        </p>
      ))}
    </div>
  )
}

function Weighed({ subject, words, effect, applies, elements = [], compared }: Weighing) {
  if (subject === undefined) return <li class="quiet">{words}</li>
  return (
    <li class={applies ? effect : undefined}>
      <strong>{subject}</strong> <Fits elements={elements} />
      {compared ? <Comparison {...compared} /> : <div class="quiet">{words}</div>}
    </li>
  )
}

const signs = { true: ['✓', 'fits'], false: ['✗', 'does not fit'], undefined: ['·', 'was not looked at'] } as const

function Fits({ elements }: { elements: NonNullable<Weighing['elements']> }) {
  return (
    <span class="fits">
      {elements.map(({ name, fits }) => {
        const [sign, word] = signs[`${fits}`]
        return (
          <span key={name} class={fits === undefined ? 'quiet' : fits ? 'good' : 'bad'}>
            <span aria-hidden="true">{sign}</span> {name}
            <span class="unseen"> {word}.</span>
          </span>
        )
      })}
    </span>
  )
}

function Comparison({ element, wanted, more, actual }: NonNullable<Weighing['compared']>) {
  return (
    <dl>
      <dt>{element}</dt>
      <dd>
        <Values of={wanted} />
        {more === undefined ? null : ` and ${more} more`}
      </dd>
      <dt>the request has</dt>
      <dd>
        <Values of={actual} />
      </dd>
    </dl>
  )
}

function Values({ of }: { of: readonly string[] }) {
  if (of.length === 0) return <>nothing</>
  return (
    <>
      {of.map((value, position) => (
        <span key={value}>
          {position === 0 ? '' : ' or '}
          <code>{value}</code>
        </span>
      ))}
    </>
  )
}
