import {
  AccountPublicAccessBlock,
  nothingBlocked,
  PublicAccessBlockConfiguration,
} from '../configurations/public-access-block.ts'
import { readXmlBody } from '../documents/xml-body.ts'
import { childrenOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { onAccount } from '../needs.ts'
import type { ServiceOperation } from '../operation.ts'
import { controlErrors } from './errors.ts'

/** What keeps all buckets of an account from being public. Its effect: `configurations/public-access-block.ts`. */

const root = 'PublicAccessBlockConfiguration'
const route = '/v20180820/configuration/publicAccessBlock'

export const GetAccountPublicAccessBlock: ServiceOperation = {
  name: 'GetPublicAccessBlock',
  level: 'service',
  route: `GET ${route}`,
  trail: { readOnly: true },
  needs: onAccount('s3:GetAccountPublicAccessBlock'),
  async handle(services, { authentication }) {
    const { accountId } = authentication.caller
    const block = AccountPublicAccessBlock.find(services, accountId)
    if (!block) throw controlErrors.NoSuchPublicAccessBlockConfiguration(accountId)
    return { xml: { root, content: childrenOf(PublicAccessBlockConfiguration.write(block)) } }
  },
}

export const PutAccountPublicAccessBlock: ServiceOperation = {
  name: 'PutPublicAccessBlock',
  level: 'service',
  route: `PUT ${route}`,
  trail: { readOnly: false },
  changesAccount: true,
  needs: onAccount('s3:PutAccountPublicAccessBlock'),
  async handle(services, request, transaction) {
    const document = await readXmlBody(request, root, 'optional')
    const block = PublicAccessBlockConfiguration.read(document ?? {})
    if (Object.keys(block).length === 0) throw s3Errors.InvalidRequest('Must specify at least one configuration.')
    const { accountId } = request.authentication.caller
    AccountPublicAccessBlock.keep(services, transaction, accountId, { ...nothingBlocked, ...block })
    return {}
  },
}

export const DeleteAccountPublicAccessBlock: ServiceOperation = {
  name: 'DeletePublicAccessBlock',
  level: 'service',
  route: `DELETE ${route}`,
  trail: { readOnly: false },
  changesAccount: true,
  needs: onAccount('s3:PutAccountPublicAccessBlock'),
  async handle(services, { authentication }, transaction) {
    AccountPublicAccessBlock.keep(services, transaction, authentication.caller.accountId, undefined)
    return { status: 204 }
  },
}
