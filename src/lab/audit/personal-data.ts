import { isCardNumber, isCpf, isIban, isSwissInsuranceNumber } from './check-digits.ts'

/*
 * What looks like data about a person, or like a secret. Values are looked at first, then the names of pairs. It finds what people
 * put there by mistake; it proves nothing about what it does not find. Ids that are of no person (ARNs, UUIDs, account ids, times,
 * the ids of tenants and orders) are passed over: who hears of those no longer listens.
 */

/** Longer ones are cut: what is looked for is short. */
const longestLookedAt = 2048

const byValue: readonly (readonly [kind: string, looksLike: (value: string) => boolean])[] = [
  ['an e-mail address', hasMailAddress],
  ['a card number', isCardNumber],
  ['a US social security number', (value) => /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(value)],
  ['a UK national insurance number', (value) => /^[A-CEGHJ-PR-TW-Z]{2} ?(\d{2} ?){3}[A-D]$/.test(value)],
  ['a Swiss social insurance number', isSwissInsuranceNumber],
  ['a Brazilian CPF', isCpf],
  ['an IBAN', isIban],
  ['a telephone number', isTelephoneNumber],
  ['an access key', (value) => /^(AKIA|ASIA)[A-Z2-7]{16}$/.test(value)],
  ['a private key', (value) => value.includes('PRIVATE KEY-----')],
  ['a token', (value) => /^eyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*$/.test(value)],
]

/*
 * Of names the last words decide: `customerEmail` and `contact_e-mail` are about a person, `email-template` is not. An `address` may be
 * one of a network, and a `name` anything's, so those stand by themselves or with what makes them a person's.
 */
const byName: readonly (readonly [kind: string, looksLike: RegExp])[] = [
  ['a secret', /^(password|passwd|passphrase|secret|api-?key|token|credential)s?$/],
  ['a secret', /(^|-)(password|passwd|passphrase|client-secret|secret-access-key|private-key)$/],
  ['data about a person', /(^|-)(e-?mail|email-address|phone|telephone|mobile|msisdn)(-no|-number)?$/],
  ['data about a person', /(^|-)(first|last|full|family|given|maiden|middle|sur|patient|person)-?name$/],
  ['data about a person', /(^|-)(birth-?da(te|y)|date-of-birth|dob|gender|nationality|religion|ethnicity)$/],
  ['data about a person', /^address$|(^|-)(home|street|postal|mailing|billing|shipping|delivery)-address$/],
  ['data about a person', /(^|-)(ssn|social-security(-number|-no)?|sin|nino|ahv|avs|cpf|aadhaar|dni|pesel|bsn)$/],
  ['data about a person', /(^|-)(passport|national-id|tax-id|driver-?s?-licen[cs]e|licen[cs]e-plate)(-no|-number)?$/],
  ['data about a person', /(^|-)(iban|credit-card|debit-card|card|bank-account)(-no|-number)?$|(^|-)cv[cv]$/],
]

/** @returns what a pair looks like; undefined: like nothing of the kind */
export function personalDataIn(name: string, value: string): string | undefined {
  const words = wordsOf(name.slice(0, longestLookedAt).trim())
  return looksLike(value) ?? byName.find(([, isSuch]) => isSuch.test(words))?.[0]
}

/** @returns what a text looks like by itself; undefined: like nothing of the kind */
export function looksLike(value: string): string | undefined {
  const text = value.slice(0, longestLookedAt).trim()
  return byValue.find(([, isSuch]) => isSuch(text))?.[0]
}

/** `customerEMail`, `customer_e-mail` and `Customer E-Mail` are `customer-e-mail`. */
function wordsOf(name: string): string {
  const apart = name.replace(/([a-z\d])([A-Z])/g, '$1-$2')
  return apart.replace(/[^\p{L}\p{N}]+/gu, '-').toLowerCase()
}

/** By its `@`: a pattern that begins with what is before it would look at each character many times. */
function hasMailAddress(value: string): boolean {
  const [first = '', ...others] = value.split('@')
  return others.some((domain, index) => {
    const local = index === 0 ? first : (others[index - 1] ?? '')
    return /[\p{L}\p{N}_.+-]$/u.test(local.slice(-2)) && isDomain(domain)
  })
}

/** Whether a text begins with the name of a domain; `1.2.3` is a version. */
function isDomain(text: string): boolean {
  const labels = (/^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*/u.exec(text.slice(0, 255))?.[0] ?? '').split('.')
  return labels.length > 1 && /^\p{L}{2}/u.test(labels.at(-1) ?? '')
}

/** With the code of its country, or as it is written in the United States; digits alone are any number. */
function isTelephoneNumber(value: string): boolean {
  return /^\+\d[\d ().-]{7,18}$/.test(value) || /^(\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}$/.test(value)
}
