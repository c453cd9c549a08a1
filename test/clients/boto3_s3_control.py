"""What a program does with boto3's s3control, told as JSON. boto3-s3-control.test.ts holds it against AWS.

boto3 puts the account's id in front of the endpoint's name. Not every system resolves names below localhost, so the emulator is
asked for it as if it were a proxy (HTTP_PROXY).
"""

import json
import os
import urllib.parse

import boto3
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
ARN = "arn:aws:s3:::my.tagged.bucket"
port = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).port
s3 = boto3.client("s3")
control = boto3.client("s3control", endpoint_url=f"http://localhost:{port}")


def refusal(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]


def tags():
    listed = control.list_tags_for_resource(AccountId=ACCOUNT, ResourceArn=ARN)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


told = {}
first = {"Tags": [{"Key": "made", "Value": "with it"}]}
s3.create_bucket(Bucket="my.tagged.bucket", CreateBucketConfiguration=first)
told["made with tags"] = tags()
new = [{"Key": "made", "Value": "anew"}, {"Key": "é b", "Value": ""}]
control.tag_resource(AccountId=ACCOUNT, ResourceArn=ARN, Tags=new)
told["merged"] = tags()
control.untag_resource(AccountId=ACCOUNT, ResourceArn=ARN, TagKeys=["é b", "unknown"])
told["untagged"] = tags()
told["bucket tagging"] = s3.get_bucket_tagging(Bucket="my.tagged.bucket")["TagSet"]
missing = {"AccountId": ACCOUNT, "ResourceArn": "arn:aws:s3:::no-such-bucket"}
told["no bucket"] = refusal(control.list_tags_for_resource, **missing)
reserved = [{"Key": "aws:a", "Value": ""}]
told["reserved"] = refusal(control.tag_resource, AccountId=ACCOUNT, ResourceArn=ARN, Tags=reserved)

told["no block"] = refusal(control.get_public_access_block, AccountId=ACCOUNT)
block = {"BlockPublicAcls": True, "IgnorePublicAcls": True}
control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)
told["block"] = control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"]
told["public ACL"] = refusal(s3.put_bucket_acl, Bucket="my.tagged.bucket", ACL="public-read")
control.delete_public_access_block(AccountId=ACCOUNT)
told["block again"] = refusal(control.get_public_access_block, AccountId=ACCOUNT)
told["absent"] = refusal(control.list_access_points, AccountId=ACCOUNT)

print(json.dumps(told))
