# What a program does with AWS's SDK for Ruby, told as JSON. ruby.test.ts holds it against AWS.
require 'aws-sdk-kms'
require 'aws-sdk-s3'
require 'json'
require 'net/http'

there = { endpoint: ENV.fetch('AWS_ENDPOINT_URL'), region: 'us-east-1' }
kms = Aws::KMS::Client.new(**there)
s3 = Aws::S3::Resource.new(client: Aws::S3::Client.new(force_path_style: true, **there))
key = kms.create_key.key_metadata.arn
sealed = { server_side_encryption: 'aws:kms', ssekms_key_id: key }
told = { key: key }

def refusal
  yield
rescue Aws::Errors::ServiceError => e
  [e.code, e.message]
end

bucket = s3.create_bucket(bucket: 'of-ruby')
bucket.object('a b+ü').put(body: 'hello', tagging: 'kind=greeting', **sealed)
told[:put] = [bucket.object('a b+ü').get.body.read, bucket.object('a b+ü').ssekms_key_id]

body = Random.bytes(11 << 20)
File.binwrite('large', body)
bucket.object('large').upload_file('large', multipart_threshold: 5 << 20, **sealed)
bucket.object('large').download_file('got', chunk_size: 5 << 20)
told[:large] = [bucket.object('large').etag, File.binread('got') == body]
bucket.object('streamed').upload_stream(part_size: 5 << 20) { |to| to << body }
told[:streamed] = bucket.object('streamed').size
bucket.object('large').copy_to(bucket.object('copied'), multipart_copy: true, content_length: body.size)
told[:keys] = bucket.objects.map(&:key)
told[:prefixed] = bucket.objects(prefix: 's').map(&:key)

told[:presigned] = Net::HTTP.get(URI(bucket.object('a b+ü').presigned_url(:get)))
post = bucket.presigned_post(key: 'posted', content_length_range: 1..9)
form = post.fields.merge('file' => 'posted').map { |name, value| [name, value] }
request = Net::HTTP::Post.new(URI(post.url))
request.set_form(form, 'multipart/form-data')
told[:posted] = Net::HTTP.start(URI(post.url).host, URI(post.url).port) { |http| http.request(request).code }

told[:missing] = refusal { bucket.object('none').get }
told[:exists] = [bucket.object('none').exists?, bucket.object('large').exists?]
told[:not_empty] = refusal { bucket.delete }
kms.disable_key(key_id: key)
told[:disabled] = refusal { bucket.object('large').get }
kms.enable_key(key_id: key)

bucket.versioning.enable
bucket.object('large').delete
told[:versions] = bucket.object_versions(prefix: 'large').map(&:is_latest)
bucket.lifecycle_configuration.put(lifecycle_configuration: {
  rules: [{ id: 'old', status: 'Enabled', filter: { prefix: 'tmp/' }, expiration: { days: 3 } }]
})
told[:rules] = bucket.lifecycle_configuration.rules.map { |rule| [rule.id, rule.filter.prefix, rule.expiration.days] }
bucket.clear!
bucket.object_versions.batch_delete!
bucket.delete
told[:gone] = bucket.exists?

puts JSON.generate(told)
