import type { Caller } from '../aws/caller.ts'

/** A CloudTrail record, field for field as delivered (eventVersion 1.11), in AWS's own key order. */
export interface TrailRecord {
  eventVersion: '1.11'
  userIdentity: Record<string, unknown>
  /** `YYYY-MM-DDThh:mm:ssZ` */
  eventTime: string
  eventSource: string
  eventName: string
  awsRegion: string
  sourceIPAddress: string
  userAgent: string
  errorCode?: string
  errorMessage?: string
  requestParameters: Record<string, unknown> | null
  responseElements: Record<string, unknown> | null
  additionalEventData?: Record<string, unknown>
  serviceEventDetails?: Record<string, unknown>
  requestID?: string
  eventID: string
  readOnly: boolean
  resources?: TrailResource[]
  eventType: 'AwsApiCall' | 'AwsServiceEvent'
  managementEvent: boolean
  recipientAccountId: string
  sharedEventID?: string
  /** `Data`: what S3 did with objects, where that is recorded; `managementEvent` is false then. */
  eventCategory: 'Management' | 'Data'
  tlsDetails?: { tlsVersion: string; cipherSuite: string; clientProvidedHostHeader: string }
}

export interface TrailResource {
  /** Undefined of an object. */
  accountId?: string
  type: 'AWS::KMS::Key' | 'AWS::KMS::Alias' | 'AWS::IAM::Role' | 'AWS::S3::Bucket' | 'AWS::S3::Object'
  ARN: string
}

/** A call and its outcome, as a service knows it; `trail/record.ts` makes the record of it. */
export interface CallOutcome {
  caller: Caller
  /** The service that forwarded the call on the caller's behalf, e.g. `s3`. */
  via?: string
  /** ms since the epoch */
  time: number
  /** The service called, e.g. `kms`. */
  service: 'kms' | 's3' | 'iam' | 'sts' | 'cloudtrail'
  eventName: string
  region: string
  clientAddress: string
  userAgent: string
  hostHeader?: string
  secure: boolean
  requestId: string
  readOnly: boolean
  requestParameters: Record<string, unknown> | null
  responseElements: Record<string, unknown> | null
  additionalEventData?: Record<string, unknown>
  resources?: TrailResource[]
  error?: { code: string; message: string }
}

/** What a service did by itself, when it was due: CloudTrail's AwsServiceEvent. */
export interface ServiceEvent {
  /** ms since the epoch */
  time: number
  service: 'kms'
  /** `DeleteKey` */
  eventName: string
  region: string
  accountId: string
  serviceEventDetails?: Record<string, unknown>
  resources: TrailResource[]
}
