import type { ToldExplanation } from '../../answers.ts'
import { Ruling } from '../parts/ruling.tsx'

/** Why calls ended as they did: what was weighed, statement by statement, and what would have to change. */
export function Explanations({ explanations }: { explanations: readonly ToldExplanation[] }) {
  if (explanations.length === 0) {
    return <p class="quiet">Nothing is known of it any more: no policy was asked, or too long ago.</p>
  }
  return (
    <>
      {explanations.map(({ requestId, title, facts, ciphertext, rulings }) => (
        <section key={requestId} aria-label={title}>
          <h2>{title}</h2>
          <dl>
            {facts.map(([name, text], position) => (
              <>
                <dt key={`${name} ${position} term`}>{name}</dt>
                <dd key={`${name} ${position}`}>{text}</dd>
              </>
            ))}
          </dl>
          {ciphertext.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          {rulings.map((ruling) => (
            <Ruling key={`${ruling.action} ${ruling.resource}`} ruling={ruling} />
          ))}
        </section>
      ))}
    </>
  )
}
