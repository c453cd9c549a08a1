import { OptionFault } from '../options.ts'
import { type ClientCommand, listWithCommas } from './client-command.ts'

function numberOf(option: string): (text: string) => number {
  return (text) => {
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
    throw new OptionFault(`${option} must be a number, not '${text}'`)
  }
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
  ['--throttle <calls>', 'calls a second that pass', numberOf('--throttle')],
  ['--latency <ms>', 'how long a call waits', numberOf('--latency')],
  ['--jitter <ms>', 'how much longer, or less, by chance', numberOf('--jitter')],
  ['--reset <when>', 'the connection: before the call is performed, or after'],
  ['--cut', 'the answer breaks off in its middle'],
  ['--corrupt', "one bit of the object's body is wrong"],
  ['--every <number>', 'of the calls that match: 3 is each third', numberOf('--every')],
  ['--probability <number>', 'from 0 to 1', numberOf('--probability')],
  ['--seed <number>', 'the same calls each time', numberOf('--seed')],
  ['--times <number>', 'how often; then it is over', numberOf('--times')],
  ['--for <duration>', "how long, by the emulator's clock: 30s, 1h"],
]
