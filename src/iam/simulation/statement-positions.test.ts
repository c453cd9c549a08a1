import { expect, test } from '@jest/globals'
import { statementPositions } from './statement-positions.ts'

test('positions are those of AWS’s examples', () => {
  const one =
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
  expect(statementPositions(one)).toEqual([
    { StartPosition: { Line: 1, Column: 38 }, EndPosition: { Line: 1, Column: 167 } },
  ])
  const listed = [
    '{',
    '    "Version": "2012-10-17",',
    '    "Statement": [',
    '        {',
    '            "Effect": "Allow",',
    '            "Action": ["codecommit:ListRepositories"],',
    '            "Resource": "*",',
    '            "Sid": "a"',
    '        }',
    '    ]',
    '}',
  ].join('\n')
  expect(statementPositions(listed)).toEqual([
    { StartPosition: { Line: 3, Column: 19 }, EndPosition: { Line: 9, Column: 10 } },
  ])
})

test('every statement of a list has its own, whatever its strings hold', () => {
  const text = '{"Id":"Statement","Statement":[{"Sid":"}],[{"},{"Sid":"\\"{"}]}'
  expect(statementPositions(text).map(({ EndPosition }) => EndPosition.Column)).toEqual([47, 61])
})
