import { type ClientCommand, type CommandGroup, countOf, listWithCommas } from './client-command.ts'
import type { ClockRequest } from './clock.ts'
import { durationOf } from './duration.ts'
import { faultOptions } from './fault-options.ts'
import type { SnapshotRequest } from './snapshot.ts'

const passphraseOptions: ClientCommand['options'] = [
  ['--passphrase-file <file>', 'has what the file is sealed with; or the variable S3KMS_PASSPHRASE'],
  ['--passphrase <text>', 'the same, where others do not see the command line'],
]

/**
 * The commands that are clients of a running emulator: of its public AWS APIs, and of its own paths where an API would leave a trace in
 * what it shows.
 */
export const clientCommands: readonly (ClientCommand | CommandGroup)[] = [
  {
    name: 'trail',
    summary: 'what was asked of KMS and S3, oldest first',
    examples: [
      's3kms-emu trail --follow --errors',
      's3kms-emu trail --key alias/app --event decrypt --since 15m',
      's3kms-emu trail --caller app --context tenant=a --json | jq .eventName',
      's3kms-emu trail --since 2026-11-22T06:00:00Z --until 2026-11-22T07:00:00Z --limit 500',
      's3kms-emu trail export --dir trail',
    ],
    options: [
      ['--follow', 'go on with what comes, until interrupted'],
      ['--event <name>', 'events of this name only, such as Decrypt, in any case'],
      ['--key <id>', 'events on this key only: id, ARN or alias'],
      ['--caller <name>', 'calls of this user or role session only: name or ARN'],
      ['--context <name=value...>', 'events with these pairs in their encryption context only'],
      ['--data-events', 'what S3 did with objects instead (start with --trail-data-events)'],
      ['--errors', 'failed calls only'],
      ['--since <time>', 'events from then on: a time, or how long ago, such as 15m, 2h, 1d'],
      ['--until <time>', 'events up to then'],
      ['--limit <number>', 'how many events to begin with, the newest ones (default 50)', countOf('--limit')],
    ],
    async run(flags, { environment, write, now, interruption }) {
      const { trail } = await import('./trail.ts')
      return trail(flags, environment, { write, now, signal: interruption() })
    },
    commands: [
      {
        name: 'export',
        summary: 'all of the trail as CloudTrail’s log files: of all accounts and Regions, data events too',
        examples: ['s3kms-emu trail export --dir trail    in CI, to be kept as an artefact'],
        options: [['--dir <folder>', 'where to write them; files that are there stay; must be given']],
        async run(flags, terminal) {
          const { exportTrail } = await import('./trail-export.ts')
          return exportTrail(flags, terminal)
        },
      },
    ],
  },
  {
    name: 'explain',
    summary: 'why a call of KMS or S3 was allowed or refused, or one of IAM or STS refused',
    examples: [
      's3kms-emu explain last',
      's3kms-emu explain 8f0c8a3e-2c0e-4a56-9d3f-0c8d1f6f2b11    the request id that KMS or S3 answered',
    ],
    arguments: [['<request>', "the request's id, of KMS or of S3, or: last"]],
    async run(flags, { environment, now, write }, request = '') {
      const { explain } = await import('./explain.ts')
      return explain(request, flags, environment, now, write)
    },
  },
  {
    name: 'inspect',
    summary: 'how an object lies in the store: its envelope, its ciphertext, and the calls of KMS about it',
    examples: ['s3kms-emu inspect s3://uploads/hello.txt', "s3kms-emu inspect 's3://uploads/a?versionId=…' --json"],
    arguments: [['<uri>', 's3://BUCKET/KEY, or s3://BUCKET/KEY?versionId=ID']],
    options: [['--limit <number>', 'how many calls to show, the newest ones (default 20)', countOf('--limit')]],
    async run(flags, terminal, uri = '') {
      const { inspect } = await import('./inspect.ts')
      return inspect(uri, flags, terminal)
    },
  },
  {
    name: 'audit',
    summary: 'what lies how, who calls KMS, and what is wrong with that',
    examples: [
      's3kms-emu audit',
      's3kms-emu audit --fail-on unencrypted,managed-key,public,sensitive-context    exit code 1 where there is one',
      's3kms-emu audit --format sarif > audit.sarif',
      's3kms-emu audit --since 90d --by month --fail-on unused-key    keys that nobody used for so long',
    ],
    options: [
      ['--fail-on <kinds>', 'kinds of findings, with commas, that make the exit code 1', listWithCommas],
      ['--format <format>', 'table, json, markdown or sarif'],
      ['--by <unit>', 'count calls by the hour, day, month or year; default: as fits the time they span'],
      ['--since <time>', 'calls from then on: a time, or how long ago, such as 15m, 2h, 90d'],
      ['--until <time>', 'calls up to then'],
    ],
    async run(flags, terminal) {
      const { audit } = await import('./audit/audit.ts')
      return audit(flags, terminal)
    },
  },
  {
    name: 'verify',
    summary: 'read everything: proof that it is as it was written; exit code 1 where it is not',
    examples: ['s3kms-emu verify', 's3kms-emu verify --repair --json'],
    options: [['--repair', 'remove what is unreachable, and nothing else']],
    async run(flags, terminal) {
      const { verify } = await import('./verify.ts')
      return verify(flags, terminal)
    },
  },
  {
    name: 'policy',
    summary: 'what recorded calls needed, and what policies would say of a call that nobody made',
    examples: [
      's3kms-emu policy suggest --principal app --since 1h',
      's3kms-emu policy why-not --principal app --action kms:Decrypt --resource alias/app --context tenant=a',
    ],
    commands: [
      {
        name: 'suggest',
        summary: 'the least that a principal’s recorded calls needed, with conditions on the encryption context',
        options: [
          ['--principal <name>', 'a user or role: its ARN, or its name in the account; must be given'],
          ['--since <time>', 'calls from then on: a time, or how long ago, such as 15m, 2h, 1d'],
        ],
        async run(flags, terminal) {
          const { suggest } = await import('./policy.ts')
          return suggest(flags, terminal)
        },
      },
      {
        name: 'why-not',
        summary: 'whether a call would be allowed, and why; exit code 1 where it would be refused',
        options: [
          ['--principal <name>', 'a user or role: its ARN, or its name in the account; * is nobody; must be given'],
          ['--action <name>', 'as IAM names it: kms:Decrypt, s3:GetObject; must be given'],
          ['--resource <arn>', 'an ARN; of a key also its id or alias; must be given'],
          ['--context <name=value...>', 'the encryption context'],
          ['--via-s3', 'S3 asks KMS in the caller’s name'],
        ],
        async run(flags, terminal) {
          const { whyNot } = await import('./policy.ts')
          return whyNot(flags, terminal)
        },
      },
    ],
  },
  {
    name: 'keys',
    summary: 'the KMS keys of the account',
    examples: ['s3kms-emu keys --region eu-west-1', "s3kms-emu keys --json | jq '.[].Arn'"],
    async run(flags, { environment, now, write }) {
      const { keys } = await import('./keys.ts')
      return keys(flags, environment, now, write)
    },
  },
  {
    name: 'env',
    summary: 'the variables that point AWS tools at a running emulator',
    examples: [
      'eval "$(s3kms-emu env)"',
      'NODE_EXTRA_CA_CERTS=.s3kms-emu/tls/cert.pem s3kms-emu env --endpoint https://127.0.0.1:4566',
    ],
    async run(flags, { environment, now, write }) {
      const { env } = await import('./env.ts')
      return env(flags, environment, now, write)
    },
  },
  {
    name: 'seed',
    summary: 'make what fixture files declare in a running emulator',
    examples: ['s3kms-emu seed fixtures/example.yaml'],
    arguments: [['<file...>', 'YAML or JSON files']],
    async run(flags, { environment, now, write }, ...files) {
      const { seed } = await import('./seed.ts')
      return seed(files, flags, environment, now, write)
    },
  },
  {
    name: 'reset',
    summary: 'empty a running emulator',
    examples: ['s3kms-emu reset', 's3kms-emu reset --fixtures    then it is as it was when it was started'],
    options: [['--fixtures', 'apply the fixture files again that it was started with']],
    async run(flags, { environment, now, write }) {
      const { reset } = await import('./reset.ts')
      return reset(flags, environment, now, write)
    },
  },
  {
    name: 'settle',
    summary: 'wait until everything is done that is due by the emulator’s clock',
    examples: ['s3kms-emu settle    keys are deleted, notifications are delivered'],
    async run(flags, terminal) {
      const { settle } = await import('./settle.ts')
      return settle(flags, terminal)
    },
  },
  {
    name: 'notifications',
    summary: 'what buckets told of their objects, oldest first',
    examples: [
      's3kms-emu notifications --bucket uploads',
      "s3kms-emu notifications --json | jq '.notifications[].message'",
    ],
    options: [
      ['--bucket <name>', 'those of one bucket'],
      ['--after <number>', 'go on behind the one of that number'],
      ['--limit <number>', 'how many at most: 1 to 1000 (default 100)', countOf('--limit')],
    ],
    async run(flags, terminal) {
      const { notifications } = await import('./notifications.ts')
      return notifications(flags, terminal)
    },
  },
  {
    name: 'doctor',
    summary: 'what a client with these variables would see: endpoint, certificate, clock, signature, addressing',
    examples: ['s3kms-emu doctor', 's3kms-emu doctor --endpoint http://localhost:4566 --json'],
    async run(flags, { environment, now, write }) {
      const { doctor } = await import('./doctor.ts')
      return doctor(flags, environment, now, write)
    },
  },
  {
    name: 'health',
    summary: 'whether an emulator is ready and well: exit code 0, else 1',
    examples: [
      's3kms-emu health',
      's3kms-emu health --wait 30s && npm test',
      's3kms-emu health --json --endpoint http://emulator:4566',
    ],
    options: [['--wait <time>', 'how long to wait until it is, such as 30s', durationOf]],
    async run(flags, { environment, now, write }) {
      const { health } = await import('./health.ts')
      return health(flags, environment, now, write)
    },
  },
  {
    name: 'faults',
    summary: 'what goes wrong on purpose',
    examples: [
      's3kms-emu faults add --service kms --error ThrottlingException --only-for-s3 --every 3',
      's3kms-emu faults add --operation GetObject --bucket uploads --cut --times 1',
      's3kms-emu faults add --service kms --latency 200 --jitter 100 --for 5m',
      's3kms-emu faults clear',
    ],
    commands: [
      {
        name: 'list',
        summary: 'those that are in force, and how often each struck',
        async run(flags, terminal) {
          const { listFaults } = await import('./faults.ts')
          return listFaults(flags, terminal)
        },
      },
      {
        name: 'add',
        summary: 'have calls go wrong',
        options: faultOptions,
        async run(flags, terminal) {
          const { addFault } = await import('./faults.ts')
          return addFault(flags, terminal)
        },
      },
      {
        name: 'clear',
        summary: 'end all, or one',
        arguments: [['[id]', 'as add printed it: fault-1']],
        async run(flags, terminal, id) {
          const { clearFaults } = await import('./faults.ts')
          return clearFaults(flags, terminal, id)
        },
      },
    ],
  },
  {
    name: 'clock',
    summary: 'the clock by which things fall due',
    examples: ['s3kms-emu clock advance 30d', 's3kms-emu clock set 2027-01-01T00:00:00Z', 's3kms-emu clock freeze'],
    commands: [
      { name: 'show', summary: 'what it shows', run: askClock('show') },
      {
        name: 'advance',
        summary: 'turn it on, and do what falls due meanwhile',
        arguments: [['<duration>', 'how far: 30d, 1d12h, 90s']],
        run: askClock('advance'),
      },
      {
        name: 'set',
        summary: 'turn it on to a moment; it goes back only while nothing has happened yet',
        arguments: [['<time>', 'with its zone: 2027-01-01T00:00:00Z']],
        run: askClock('set'),
      },
      { name: 'freeze', summary: 'stop it', run: askClock('freeze') },
      { name: 'run', summary: 'let it go on from what it shows', run: askClock('run') },
    ],
  },
  {
    name: 'snapshot',
    summary: 'states of the emulator that are kept, and put back',
    examples: ['s3kms-emu snapshot save base', 's3kms-emu snapshot load base    all is as it was then'],
    commands: [
      snapshotCommand('save', 'keep the state as it is now, in the place of a snapshot of that name'),
      snapshotCommand('load', 'put the emulator into a state that was kept'),
      snapshotCommand('delete', 'remove a snapshot'),
      {
        name: 'list',
        summary: 'what is kept',
        async run(flags, terminal) {
          const { listSnapshots } = await import('./snapshot.ts')
          return listSnapshots(flags, terminal)
        },
      },
    ],
  },
  {
    name: 'export',
    summary: 'the state of the emulator as one file, keys included',
    examples: [
      's3kms-emu export seeded.state',
      'S3KMS_PASSPHRASE=… s3kms-emu export seeded.state    sealed; --passphrase-file reads it from a file',
    ],
    arguments: [['<file>', 'written whole, or not at all']],
    options: passphraseOptions,
    async run(flags, terminal, file = '') {
      const { exportTo } = await import('./export.ts')
      return exportTo(file, flags, terminal)
    },
  },
  {
    name: 'import',
    summary: 'put the emulator into the state of such a file',
    examples: ['s3kms-emu import seeded.state', 's3kms-emu import seeded.state --passphrase-file secret.txt'],
    arguments: [['<file>', 'what s3kms-emu export wrote']],
    options: passphraseOptions,
    async run(flags, terminal, file = '') {
      const { importFrom } = await import('./export.ts')
      return importFrom(file, flags, terminal)
    },
  },
]

function askClock(request: ClockRequest): ClientCommand['run'] {
  return async (flags, terminal, value) => {
    const { clock } = await import('./clock.ts')
    return clock(request, flags, terminal, value)
  }
}

function snapshotCommand(request: SnapshotRequest, summary: string): ClientCommand {
  return {
    name: request,
    summary,
    arguments: [['<name>', 'a-z, 0-9, -, _ and .']],
    async run(flags, terminal, name = '') {
      const { snapshot } = await import('./snapshot.ts')
      return snapshot(request, name, flags, terminal)
    },
  }
}
