import { OptionFault } from '../options.ts'
import { type ClientCommand, listWithCommas } from './client-command.ts'

/** Reads an option that is a whole number; how large it may be, the rule says. */
function integerOf(option: string): (text: string) => number {
  return (text) => {
    if (/^-?\d{1,15}$/.test(text)) return Number(text)
    throw new OptionFault(`${option} must be a whole number, not '${text}'`)
  }
}

function probabilityOf(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (number <= 1) return number
  throw new OptionFault(`--probability must be a number from 0 to 1, not '${text}'`)
}

/** The members of a rule, as `s3kms-emu faults add` has them. */
export const faultOptions: ClientCommand['options'] = [
  ['--service <name>', 's3 or kms'],
  ['--operation <names>', "AWS's names: GenerateDataKey,Decrypt or Get*", listWithCommas],
  ['--principal <name>', 'who calls: an ARN or a name, with * for any letters'],
  ['--key <id>', 'the KMS key: id, ARN or alias'],
  ['--bucket <name>', 'the bucket'],
  ['--prefix <text>', "what the object's key begins with"],
  ['--match-region <name>', 'the Region of the call'],
  ['--only-for-s3', 'only what S3 asks of KMS'],
  ['--error <name>', "AWS's name: ThrottlingException, SlowDown"],
  ['--message <text>', 'its words'],
  ['--throttle <calls>', 'calls a second that pass', integerOf('--throttle')],
  ['--latency <ms>', 'how long a call waits', integerOf('--latency')],
  ['--jitter <ms>', 'how much longer, or less, by chance', integerOf('--jitter')],
  ['--reset <when>', 'the connection: before the call is performed, or after'],
  ['--cut', 'the answer breaks off in its middle'],
  ['--corrupt', "one bit of the object's body is wrong"],
  ['--every <number>', 'of the calls that match: 3 is each third', integerOf('--every')],
  ['--probability <number>', 'from 0 to 1', probabilityOf],
  ['--seed <number>', 'the same calls each time', integerOf('--seed')],
  ['--times <number>', 'how often; then it is over', integerOf('--times')],
  ['--for <duration>', "how long, by the emulator's clock: 30s, 1h"],
]
