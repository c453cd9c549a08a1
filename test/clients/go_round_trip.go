// What a program does with AWS's SDK for Go, told as JSON. go.test.ts holds it against AWS.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

var background = context.Background()

func must[Value any](value Value, err error) Value {
	if err != nil {
		panic(err)
	}
	return value
}

func refusal[Value any](_ Value, err error) [2]string {
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return [2]string{refused.ErrorCode(), refused.ErrorMessage()}
	}
	panic(err)
}

func text(body io.Reader) string { return string(must(io.ReadAll(body))) }

func main() {
	told := map[string]any{}
	resolver := aws.EndpointResolverWithOptionsFunc(func(_, region string, _ ...any) (aws.Endpoint, error) {
		return aws.Endpoint{URL: os.Getenv("AWS_ENDPOINT_URL"), SigningRegion: region}, nil
	})
	settings := must(config.LoadDefaultConfig(background, config.WithEndpointResolverWithOptions(resolver)))
	keys := kms.NewFromConfig(settings)
	client := s3.NewFromConfig(settings, func(options *s3.Options) { options.UsePathStyle = true })
	bucket := aws.String("of-go")
	key := must(keys.CreateKey(background, &kms.CreateKeyInput{})).KeyMetadata.Arn
	told["key"] = key
	must(client.CreateBucket(background, &s3.CreateBucketInput{Bucket: bucket}))

	must(client.PutObject(background, &s3.PutObjectInput{
		Bucket: bucket, Key: aws.String("a b+ü"), Body: strings.NewReader("hello"), Tagging: aws.String("kind=greeting"),
		ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: key,
	}))
	got := must(client.GetObject(background, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("a b+ü")}))
	told["put"] = []any{text(got.Body), got.SSEKMSKeyId, got.TagCount}

	body := make([]byte, 11<<20)
	must(rand.Read(body))
	uploader := manager.NewUploader(client, func(uploader *manager.Uploader) { uploader.PartSize = 5 << 20 })
	// A reader of unknown length, with a checksum of each part behind its body.
	must(uploader.Upload(background, &s3.PutObjectInput{
		Bucket: bucket, Key: aws.String("large"), Body: io.MultiReader(bytes.NewReader(body)),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
	}))
	into := manager.NewWriteAtBuffer(nil)
	must(manager.NewDownloader(client).Download(background, into, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("large")}))
	large := must(client.HeadObject(background, &s3.HeadObjectInput{
		Bucket: bucket, Key: aws.String("large"), ChecksumMode: types.ChecksumModeEnabled,
	}))
	told["large"] = []any{large.ETag, large.ChecksumSHA256, bytes.Equal(into.Bytes(), body)}

	names := []string{}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket, MaxKeys: 1})
	for pages.HasMorePages() {
		for _, object := range must(pages.NextPage(background)).Contents {
			names = append(names, *object.Key)
		}
	}
	told["names"] = names

	presigner := s3.NewPresignClient(client)
	url := must(presigner.PresignGetObject(background, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("a b+ü")}))
	told["presigned"] = text(must(http.Get(url.URL)).Body)

	told["missing"] = refusal(client.GetObject(background, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("none")}))
	told["head"] = refusal(client.HeadObject(background, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("none")}))
	told["notEmpty"] = refusal(client.DeleteBucket(background, &s3.DeleteBucketInput{Bucket: bucket}))
	must(keys.DisableKey(background, &kms.DisableKeyInput{KeyId: key}))
	told["disabled"] = refusal(client.GetObject(background, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("a b+ü")}))
	told["disabledKey"] = refusal(keys.Encrypt(background, &kms.EncryptInput{KeyId: key, Plaintext: []byte("x")}))

	objects := []types.ObjectIdentifier{}
	for _, name := range names {
		objects = append(objects, types.ObjectIdentifier{Key: aws.String(name)})
	}
	deleted := must(client.DeleteObjects(background, &s3.DeleteObjectsInput{
		Bucket: bucket, Delete: &types.Delete{Objects: objects},
	}))
	told["deleted"] = len(deleted.Deleted)
	must(client.DeleteBucket(background, &s3.DeleteBucketInput{Bucket: bucket}))
	must(0, json.NewEncoder(os.Stdout).Encode(told))
}
