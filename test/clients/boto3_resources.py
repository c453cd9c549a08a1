"""What a program does with boto3's resources and paginators, told as JSON. boto3-resources.test.ts holds it against AWS."""

import datetime
import io
import json
import os

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

s3 = boto3.resource("s3")
client = s3.meta.client
key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
told = {"key": key}


def refusal(call, *given, **parameters):
    try:
        call(*given, **parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]


# --- A bucket with versions, default encryption, tags and a lifecycle
bucket = s3.create_bucket(Bucket="of-resources")
bucket.wait_until_exists()
bucket.Versioning().enable()
told["versioning"] = bucket.Versioning().status
rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, "BucketKeyEnabled": True}
client.put_bucket_encryption(Bucket=bucket.name, ServerSideEncryptionConfiguration={"Rules": [rule]})
bucket.Tagging().put(Tagging={"TagSet": [{"Key": "team", "Value": "blue"}]})
told["bucket tags"] = bucket.Tagging().tag_set
rules = [
    {"ID": "old", "Status": "Enabled", "Filter": {"Tag": {"Key": "kind", "Value": "log"}}, "Expiration": {"Days": 3}},
    {"ID": "parts", "Status": "Enabled", "Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
]
bucket.LifecycleConfiguration().put(LifecycleConfiguration={"Rules": rules})
told["lifecycle"] = bucket.LifecycleConfiguration().rules == rules
cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://app.example"]}]
bucket.Cors().put(CORSConfiguration={"CORSRules": cors})
told["cors"] = bucket.Cors().cors_rules == cors

# --- Objects, in parts with checksums, and their tags
body = os.urandom(11 << 20)
parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
more = {"Tagging": "kind=log&level=debug", "ChecksumAlgorithm": "SHA256", "Metadata": {"of": "boto3"}}
bucket.upload_fileobj(io.BytesIO(body), "logs/large", ExtraArgs=more, Config=parts)
large = bucket.Object("logs/large")
into = io.BytesIO()
bucket.download_fileobj("logs/large", into, Config=parts)
told["large"] = [into.getvalue() == body, large.e_tag[-3:], large.ssekms_key_id, large.expiration[:12], large.metadata]
attributes = client.get_object_attributes(Bucket=bucket.name, Key="logs/large", ObjectAttributes=["ObjectParts", "Checksum"])
told["attributes"] = [attributes["ObjectParts"]["TotalPartsCount"], "ChecksumSHA256" in attributes["Checksum"]]
tags = client.get_object_tagging(Bucket=bucket.name, Key="logs/large")["TagSet"]
told["tags"] = {tag["Key"]: tag["Value"] for tag in tags}
client.put_object_tagging(Bucket=bucket.name, Key="logs/large", Tagging={"TagSet": [{"Key": "kind", "Value": "kept"}]})
told["no more expiring"] = bucket.Object("logs/large").expiration

# --- Versions
note = bucket.Object("notes/ü +.txt")
for text in ["one", "two", "three"]:
    note.put(Body=text)
versions = [version for version in bucket.object_versions.filter(Prefix="notes/")]
told["versions"] = [version.get()["Body"].read().decode() for version in versions]
oldest = versions[-1]
note.copy_from(CopySource={"Bucket": bucket.name, "Key": note.key, "VersionId": oldest.id})
told["brought back"] = note.get()["Body"].read().decode()
note.delete()
told["hidden"] = refusal(note.load)
pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket.name, Prefix="notes/", PaginationConfig={"PageSize": 2})
told["history"] = [[len(page.get("Versions", [])), len(page.get("DeleteMarkers", []))] for page in pages]
told["prefixes"] = [
    found["Prefix"]
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket.name, Delimiter="/")
    for found in page.get("CommonPrefixes", [])
]
told["etag guards"] = refusal(large.put, Body="x", IfMatch='"0"')
told["only once"] = refusal(large.put, Body="x", IfNoneMatch="*")

# --- A lock
locked = s3.create_bucket(Bucket="locked-resources", ObjectLockEnabledForBucket=True)
until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
contract = locked.Object("contract")
contract.put(Body="signed", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
told["locked"] = refusal(contract.Version(contract.version_id).delete)
client.put_object_legal_hold(Bucket=locked.name, Key="contract", LegalHold={"Status": "ON"})
contract.reload()
told["held"] = contract.object_lock_legal_hold_status
held = refusal(contract.Version(contract.version_id).delete, BypassGovernanceRetention=True)
told["held by all"] = held[0]
client.put_object_legal_hold(Bucket=locked.name, Key="contract", LegalHold={"Status": "OFF"})
told["bypassed"] = refusal(locked.object_versions.delete, BypassGovernanceRetention=True)

# --- A form, and a URL
form = client.generate_presigned_post("of-resources", "posted", Conditions=[["content-length-range", 1, 9]])
told["form"] = sorted(form["fields"])

# --- The end
bucket.object_versions.delete()
for leftover in [bucket, locked]:
    leftover.delete()
    leftover.wait_until_not_exists()
told["buckets"] = [left.name for left in s3.buckets.all()]

print(json.dumps(told))
