import boto3
import pytest
from botocore.exceptions import ClientError


def test_an_object_under_a_disabled_key_is_not_read(s3kms_emu, s3kms_emu_s3, s3kms_emu_kms):
    s3kms_emu_s3.put_object(Bucket="uploads", Key="hello.txt", Body=b"hello", Metadata={"tenant": "a"})
    s3kms_emu_kms.disable_key(KeyId=s3kms_emu.key("alias/app")["KeyId"])
    with pytest.raises(ClientError, match="KMS.DisabledException"):
        s3kms_emu_s3.get_object(Bucket="uploads", Key="hello.txt")
    context = {"aws:s3:arn": "arn:aws:s3:::uploads/hello.txt"}
    s3kms_emu.assert_received_kms_call("Decrypt", key="alias/app", context=context, error="KMS.DisabledException", via="s3")
    s3kms_emu.assert_received_kms_call("Decrypt", times=1)
    assert [call["event"] for call in s3kms_emu.trail(error=True)] == ["Decrypt"]
    refused = s3kms_emu.trail(error=True)[0]
    assert s3kms_emu.explain(refused["request_id"])[0]["error"]["code"] == "DisabledException"


def test_a_missing_call_is_told_with_what_was_recorded(s3kms_emu, s3kms_emu_kms):
    s3kms_emu_kms.encrypt(KeyId="alias/app", Plaintext=b"x", EncryptionContext={"tenant": "a"})
    with pytest.raises(AssertionError, match="Encrypt  alias/app  test  -  tenant=a"):
        s3kms_emu.assert_received_kms_call("Encrypt", context={"tenant": "b"})


def test_a_name_with_a_slip_is_no_test_that_passes(s3kms_emu):
    with pytest.raises(TypeError, match="a call has no eror: there are bucket, "):
        s3kms_emu.trail(eror=True)
    with pytest.raises(TypeError, match="a call has no tenant"):
        s3kms_emu.assert_received_kms_call("Decrypt", times=0, tenant="a")


def test_every_test_begins_as_the_fixtures_made_it(s3kms_emu):
    assert s3kms_emu.key("alias/app")["KeyState"] == "Enabled"
    assert s3kms_emu.trail(caller="test") == []
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="uploads")


def test_a_throttled_key_and_days_that_pass(s3kms_emu, s3kms_emu_kms):
    key_id = s3kms_emu.key("alias/app")["KeyId"]
    restore = s3kms_emu.snapshot()
    fault = s3kms_emu.add_fault(service="kms", operation="Encrypt", error="ThrottlingException")
    with pytest.raises(ClientError, match="ThrottlingException"):
        s3kms_emu_kms.encrypt(KeyId=key_id, Plaintext=b"x")
    assert [rule["struck"] for rule in s3kms_emu.faults()] == [1]
    s3kms_emu.clear_faults(fault["id"])
    with pytest.raises(RuntimeError, match="There is no fault"):
        s3kms_emu.clear_faults(fault["id"])
    s3kms_emu_kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    s3kms_emu.advance_clock("8d")
    assert s3kms_emu.clock()["ahead"] == 8 * 24 * 3600 * 1000
    assert s3kms_emu.keys() == []
    restore()
    assert s3kms_emu.key("alias/app")["KeyState"] == "Enabled"


def test_how_an_object_lies_and_what_its_upload_needed(s3kms_emu, s3kms_emu_s3):
    s3kms_emu_s3.put_object(Bucket="uploads", Key="a b+c", Body=b"hello")
    inspection = s3kms_emu.inspect("s3://uploads/a b+c", limit=1)
    assert inspection["envelope"]["keyArn"] == s3kms_emu.key("alias/app")["Arn"]
    assert s3kms_emu.audit(by="day")["counts"] == {}
    assert s3kms_emu.verify(repair=True)["ok"]
    needed = s3kms_emu.suggest_policy("test", since=s3kms_emu.trail(caller="test")[0]["time"])
    assert needed["identityPolicy"]["Statement"][0]["Action"] == ["kms:GenerateDataKey"]
    document = needed["identityPolicy"]
    s3kms_emu.seed({"principals": [{"arn": "arn:aws:iam::000000000000:user/app", "policies": [{"name": "own", "document": document}]}]})
    context = {"aws:s3:arn": "arn:aws:s3:::uploads/a b+c"}
    upload = {"principal": "app", "action": "kms:GenerateDataKey", "resource": "alias/app", "via": "s3"}
    assert s3kms_emu.why_not(**upload, context=context)["allowed"]
    assert not s3kms_emu.why_not(**upload, context={"aws:s3:arn": "arn:aws:s3:::uploads/other"})["allowed"]


def test_seed_and_reset(s3kms_emu):
    assert s3kms_emu.seed({"buckets": [{"name": "more"}]}) == ["bucket more: made"]
    with pytest.raises(RuntimeError, match="nam is unknown"):
        s3kms_emu.seed({"buckets": [{"nam": "more"}]})
    s3kms_emu.settle()
    s3kms_emu.reset()
    assert s3kms_emu.keys() == []
