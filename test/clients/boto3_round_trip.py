"""What a program does with boto3, told as JSON: one entry for each step. boto3.test.ts holds it against AWS."""

import hashlib
import io
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError

BUCKET = "boto"
PARTS = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=2)

s3 = boto3.client("s3")
v4 = boto3.client("s3", config=Config(signature_version="s3v4"))
kms = boto3.client("kms")
told = {}


def step(name):
    """Runs the function now and keeps what it returns, or the error AWS would be blamed for."""

    def run(function):
        try:
            told[name] = function()
        except ClientError as error:
            told[name] = refusal(error)

    return run


def refusal(error):
    meta = error.response["ResponseMetadata"]
    return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"], "status": meta["HTTPStatusCode"]}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def fetch(url, data=None, headers={}, method="GET"):
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return {"status": answer.status, "text": answer.read().decode()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "text": error.read().decode()}


def post_form(form, file):
    boundary = "a-boundary-of-the-test"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in form["fields"].items()
    ]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n{file}\r\n--{boundary}--\r\n')
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return fetch(form["url"], "".join(parts).encode(), headers, "POST")["status"]


key_arn = kms.create_key(Description="boto3's")["KeyMetadata"]["Arn"]
kms.create_alias(AliasName="alias/boto", TargetKeyId=key_arn)
s3.create_bucket(Bucket=BUCKET)
told["keyArn"] = key_arn

customer_key = os.urandom(32)
other_key = os.urandom(32)
sse_c = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
sse_c_source = {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": customer_key}
sse_kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/boto"}
small = os.urandom(100_000)
large = os.urandom(11 << 20)
schemes = {"SSE-KMS": (sse_kms, {}, {}), "SSE-C": (sse_c, sse_c, sse_c_source)}

for name, (write, read, source) in schemes.items():

    @step(f"{name} whole")
    def _():
        put = s3.put_object(Bucket=BUCKET, Key=f"{name}/whole", Body=small, **write)
        got = s3.get_object(Bucket=BUCKET, Key=f"{name}/whole", **read)
        head = s3.head_object(Bucket=BUCKET, Key=f"{name}/whole", **read)
        return {
            "same": got["Body"].read() == small,
            "put": put.get("SSEKMSKeyId") or put.get("SSECustomerAlgorithm"),
            "head": head.get("SSEKMSKeyId") or head.get("SSECustomerAlgorithm"),
            "length": head["ContentLength"],
        }

    @step(f"{name} parts")
    def _():
        s3.upload_fileobj(io.BytesIO(large), BUCKET, f"{name}/parts", ExtraArgs=write, Config=PARTS)
        into = io.BytesIO()
        s3.download_fileobj(BUCKET, f"{name}/parts", into, ExtraArgs=read, Config=PARTS)
        head = s3.head_object(Bucket=BUCKET, Key=f"{name}/parts", **read)
        return {"same": into.getvalue() == large, "parts": head["ETag"].strip('"').split("-")[1]}

    @step(f"{name} copy")
    def _():
        place = {"Bucket": BUCKET, "Key": f"{name}/whole"}
        s3.copy_object(Bucket=BUCKET, Key=f"{name}/copy", CopySource=place, **source, **write)
        return {"same": s3.get_object(Bucket=BUCKET, Key=f"{name}/copy", **read)["Body"].read() == small}

    @step(f"{name} copy in parts")
    def _():
        place = {"Bucket": BUCKET, "Key": f"{name}/parts"}
        s3.copy(place, BUCKET, f"{name}/large-copy", ExtraArgs={**write, **source}, Config=PARTS)
        got = s3.get_object(Bucket=BUCKET, Key=f"{name}/large-copy", **read)
        return {"same": got["Body"].read() == large}


@step("SSE-C without the key")
def _():
    return s3.get_object(Bucket=BUCKET, Key="SSE-C/whole")


@step("SSE-C with another key")
def _():
    return s3.get_object(Bucket=BUCKET, Key="SSE-C/whole", SSECustomerAlgorithm="AES256", SSECustomerKey=other_key)


@step("SSE-C wrong key on HEAD")
def _():
    return s3.head_object(Bucket=BUCKET, Key="SSE-C/whole", SSECustomerAlgorithm="AES256", SSECustomerKey=other_key)


@step("presigned by default")
def _():
    s3.put_object(Bucket=BUCKET, Key="plain", Body=b"plain")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "plain"})
    sealed = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "SSE-KMS/whole"})
    return {"version": 2 if "AWSAccessKeyId=" in url else 4, "plain": fetch(url), "sealed": fetch(sealed)}


@step("presigned SigV4")
def _():
    put = v4.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "presigned", **sse_kms})
    headers = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "alias/boto"}
    stored = fetch(put, b"presigned", headers, "PUT")
    get = v4.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "presigned"})
    return {"put": stored["status"], "get": fetch(get)}


@step("forms")
def _():
    def form(client, key, fields={}):
        # boto3 writes its own conditions into the list it is given.
        conditions = [*([dict(fields)] if fields else []), ["content-length-range", 1, 100]]
        return client.generate_presigned_post(BUCKET, key, Fields=dict(fields), Conditions=conditions)

    under_kms = {"x-amz-server-side-encryption": "aws:kms"}
    plain = form(s3, "form-default")
    default = form(s3, "form-sealed-default", under_kms)
    sealed = form(v4, "form-sealed", under_kms)
    answers = [post_form(form, "posted") for form in (plain, default, sealed)]
    got = s3.get_object(Bucket=BUCKET, Key="form-sealed")
    return {"statuses": answers, "text": got["Body"].read().decode(), "version": 2 if "AWSAccessKeyId" in plain["fields"] else 4}


@step("disabled key")
def _():
    kms.disable_key(KeyId=key_arn)
    try:
        return s3.get_object(Bucket=BUCKET, Key="SSE-KMS/whole")
    finally:
        kms.enable_key(KeyId=key_arn)


@step("bucket default")
def _():
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    put = s3.put_object(Bucket=BUCKET, Key="by default", Body=b"x")
    s3.delete_bucket_encryption(Bucket=BUCKET)
    return {"key": put["SSEKMSKeyId"], "bucketKey": put["BucketKeyEnabled"]}


@step("update encryption")
def _():
    s3.put_object(Bucket=BUCKET, Key="updated", Body=b"stays", ServerSideEncryption="AES256")
    s3.update_object_encryption(Bucket=BUCKET, Key="updated", ObjectEncryption={"SSEKMS": {"KMSKeyArn": key_arn}})
    got = s3.get_object(Bucket=BUCKET, Key="updated")
    return {"key": got["SSEKMSKeyId"], "text": got["Body"].read().decode()}


@step("kms")
def _():
    context = {"tenant": "a"}
    sealed = kms.encrypt(KeyId="alias/boto", Plaintext=b"secret", EncryptionContext=context)["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"]
    try:
        kms.decrypt(CiphertextBlob=sealed)
        wrong = None
    except kms.exceptions.InvalidCiphertextException as error:
        wrong = refusal(error)
    return {"opened": opened.decode(), "wrong": wrong}


@step("trail")
def _():
    pages = boto3.client("cloudtrail").get_paginator("lookup_events").paginate(PaginationConfig={"MaxItems": 60})
    names = {event["EventName"] for page in pages for event in page["Events"]}
    return sorted(names & {"CreateKey", "CreateBucket", "Encrypt", "Decrypt", "GenerateDataKey"})


@step("identity")
def _():
    return boto3.client("sts").get_caller_identity()["Arn"]


json.dump(told, sys.stdout, default=str)
