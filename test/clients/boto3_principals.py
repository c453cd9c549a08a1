"""Principals and their rights with boto3, its resources and its clients, told as JSON: one entry for each step."""

import json
import sys

import boto3
from botocore.exceptions import ClientError, WaiterError

ACCOUNT = "000000000000"
BUCKET = "principals"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"

iam = boto3.resource("iam")
client = iam.meta.client
sts = boto3.client("sts")
told = {}


def step(name):
    """Runs the function now and keeps what it returns."""

    def run(function):
        told[name] = function()

    return run


def outcome(action, *positional, **named):
    """'done', or the code and words it is refused with."""
    try:
        action(*positional, **named)
        return "done"
    except ClientError as error:
        said = error.response["Error"]
        return f"{said['Code']}: {said['Message']}"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal, action="sts:AssumeRole", **more):
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, **more})


def session_of(key_id, secret, token=None):
    return boto3.Session(aws_access_key_id=key_id, aws_secret_access_key=secret, aws_session_token=token)


def session_with(credentials):
    return session_of(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


def put(session, key="a", **more):
    return outcome(session.client("s3").put_object, Bucket=BUCKET, Key=key, Body=b"x", **more)


def names(collection):
    return [item.name for item in collection]


boto3.client("s3").create_bucket(Bucket=BUCKET)
anna = iam.create_user(UserName="anna", Path="/people/", Tags=[{"Key": "team", "Value": "a"}])
client.get_waiter("user_exists").wait(UserName="anna")
pair = anna.create_access_key_pair()
as_anna = session_of(pair.id, pair.secret)


@step("a new user")
def _():
    who = as_anna.client("sts").get_caller_identity()
    return {
        "arn": anna.arn,
        "same": who["Arn"] == anna.arn and who["UserId"] == anna.user_id,
        "tags": anna.tags,
        "keys": [(key.status, key.id == pair.id) for key in anna.access_keys.all()],
        "put": put(as_anna),
        "self": outcome(as_anna.client("iam").get_user),
    }


@step("an inline policy")
def _():
    policy = anna.create_policy(PolicyName="own", PolicyDocument=document(allow("s3:PutObject", OBJECTS)))
    allowed = put(as_anna)
    read = policy.policy_document
    policy.delete()
    return {"allowed": allowed, "document": read, "deleted": put(as_anna)}


@step("a managed policy through a group")
def _():
    policy = iam.create_policy(PolicyName="writes", Description="writes", PolicyDocument=document(allow("s3:GetObject", OBJECTS)))
    client.get_waiter("policy_exists").wait(PolicyArn=policy.arn)
    group = iam.create_group(GroupName="writers")
    group.add_user(UserName="anna")
    group.attach_policy(PolicyArn=policy.arn)
    before = put(as_anna)
    version = policy.create_version(PolicyDocument=document(allow("s3:PutObject", OBJECTS)))
    not_default = put(as_anna)
    version.set_as_default()
    after = put(as_anna)
    policy.reload()
    told["a managed policy"] = {
        "versions": sorted((version.version_id, version.is_default_version) for version in policy.versions.all()),
        "document": policy.default_version.document,
        "attached": policy.attachment_count,
        "groups": names(policy.attached_groups.all()),
        "in use": outcome(policy.delete),
        "default": outcome(policy.default_version.delete),
    }
    return {
        "groups": names(anna.groups.all()),
        "users": names(group.users.all()),
        "attached": [attached.arn == policy.arn for attached in group.attached_policies.all()],
        "puts": [before, not_default, after],
    }


@step("an access key that rests")
def _():
    anna_key = next(iter(anna.access_keys.all()))
    anna_key.deactivate()
    resting = put(as_anna)
    anna_key.activate()
    return {"resting": resting.split(":")[0], "again": put(as_anna)}


@step("a role with an external id")
def _():
    condition = {"StringEquals": {"sts:ExternalId": "secret-of-two"}}
    role = iam.create_role(RoleName="partner", AssumeRolePolicyDocument=trust(anna.arn, Condition=condition))
    client.get_waiter("role_exists").wait(RoleName="partner")
    iam.RolePolicy("partner", "own").put(PolicyDocument=document(allow(["s3:PutObject", "s3:GetObject"], OBJECTS)))
    own = as_anna.client("sts")

    def assume(**more):
        return own.assume_role(RoleArn=role.arn, RoleSessionName="me", **more)

    given = assume(ExternalId="secret-of-two")
    as_role = session_with(given["Credentials"])
    narrowed = assume(ExternalId="secret-of-two", Policy=document(allow("s3:GetObject")))
    return {
        "without": outcome(assume),
        "another": outcome(assume, ExternalId="guessed"),
        "id": given["AssumedRoleUser"]["AssumedRoleId"] == f"{role.role_id}:me",
        "put": put(as_role),
        "more": put(as_role, ServerSideEncryption="aws:kms"),
        "session policy": put(session_with(narrowed["Credentials"])),
        "trust": role.assume_role_policy_document["Statement"][0]["Condition"],
    }


@step("session tags")
def _():
    iam.create_role(RoleName="tenant", AssumeRolePolicyDocument=trust(anna.arn))
    iam.RolePolicy("tenant", "own").put(
        PolicyDocument=document(allow("s3:PutObject", f"arn:aws:s3:::{BUCKET}/${{aws:PrincipalTag/tenant}}/*"))
    )
    asked = {"RoleArn": iam.Role("tenant").arn, "RoleSessionName": "me", "Tags": [{"Key": "tenant", "Value": "a"}]}
    own = as_anna.client("sts")
    refused = outcome(own.assume_role, **asked)
    iam.AssumeRolePolicy("tenant").update(PolicyDocument=trust(anna.arn, ["sts:AssumeRole", "sts:TagSession"]))
    tenant = session_with(own.assume_role(**asked)["Credentials"])
    return {"refused": refused, "own": put(tenant, "a/x"), "others": put(tenant, "b/x").split(":")[0]}


@step("no MFA")
def _():
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    role = iam.create_role(RoleName="careful", AssumeRolePolicyDocument=trust(anna.arn, Condition=condition))
    own = as_anna.client("sts")
    plain = session_with(own.get_session_token()["Credentials"])
    anna.create_policy(
        PolicyName="mfa",
        PolicyDocument=document(
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
        ),
    )
    denied = put(plain)
    anna.Policy("mfa").delete()
    return {
        "role": outcome(own.assume_role, RoleArn=role.arn, RoleSessionName="me"),
        "session": put(plain),
        "denied": denied,
        "iam": outcome(plain.client("iam").get_user).split(":")[0],
    }


@step("an instance profile")
def _():
    profile = iam.create_instance_profile(InstanceProfileName="app")
    client.get_waiter("instance_profile_exists").wait(InstanceProfileName="app")
    profile.add_role(RoleName="partner")
    profile.reload()
    held = [role.name for role in profile.roles]
    of_role = names(iam.Role("partner").instance_profiles.all())
    in_use = [outcome(profile.delete), outcome(iam.Role("partner").delete)]
    profile.remove_role(RoleName="partner")
    profile.delete()
    return {"roles": held, "of role": of_role, "in use": in_use}


@step("the simulator")
def _():
    pages = client.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=anna.arn,
        ActionNames=["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
        ResourceArns=[f"arn:aws:s3:::{BUCKET}/a"],
        PaginationConfig={"PageSize": 2},
    )
    results = [result for page in pages for result in page["EvaluationResults"]]
    return {
        "decisions": {result["EvalActionName"]: result["EvalDecision"] for result in results},
        "sources": [statement["SourcePolicyId"] for statement in results[0]["MatchedStatements"]],
    }


@step("the account's details")
def _():
    details = client.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1}).build_full_result()
    (user,) = details["UserDetailList"]
    (group,) = details["GroupDetailList"]
    local = client.get_account_authorization_details(Filter=["LocalManagedPolicy"])
    return {
        "user": [user["UserName"], user["GroupList"], user["AttachedManagedPolicies"], user["Tags"]],
        "group": [policy["PolicyName"] for policy in group["AttachedManagedPolicies"]],
        "roles": {role["RoleName"]: [policy["PolicyName"] for policy in role["RolePolicyList"]] for role in details["RoleDetailList"]},
        "policies": {policy["PolicyName"]: len(policy["PolicyVersionList"]) for policy in local["Policies"]},
        "filtered": [local["UserDetailList"], local["GroupDetailList"], local["RoleDetailList"]],
    }


@step("paginators")
def _():
    for index in range(5):
        client.create_user(UserName=f"p{index}", Path="/paged/")
    pages = list(client.get_paginator("list_users").paginate(PathPrefix="/paged/", PaginationConfig={"PageSize": 2}))
    listed = names(iam.users.filter(PathPrefix="/paged/"))
    for name in listed:
        iam.User(name).delete()
    attached = client.get_paginator("list_policies").paginate(Scope="Local", OnlyAttached=True)
    summary = iam.AccountSummary().summary_map
    return {
        "sizes": [len(page["Users"]) for page in pages],
        "names": listed,
        "attached": list(attached.search("Policies[].PolicyName")),
        "summary": [summary["Users"], summary["Groups"], summary["Roles"], summary["Policies"]],
    }


@step("waiters for what does not come")
def _():
    config = {"Delay": 0, "MaxAttempts": 2}
    waits = {
        "user_exists": {"UserName": "nobody"},
        "role_exists": {"RoleName": "nobody"},
        "policy_exists": {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none"},
        "instance_profile_exists": {"InstanceProfileName": "none"},
    }

    def wait(name, asked):
        try:
            client.get_waiter(name).wait(**asked, WaiterConfig=config)
        except WaiterError as error:
            return error.last_response["Error"]["Message"]

    return {name: wait(name, asked) for name, asked in waits.items()}


@step("what is left when all is deleted")
def _():
    too_early, unique_id = outcome(anna.delete), anna.user_id
    for key in anna.access_keys.all():
        key.delete()
    group = iam.Group("writers")
    group.remove_user(UserName="anna")
    anna.delete()
    policy = iam.Policy(f"arn:aws:iam::{ACCOUNT}:policy/writes")
    group.detach_policy(PolicyArn=policy.arn)
    group.delete()
    for version in policy.versions.all():
        if not version.is_default_version:
            version.delete()
    policy.delete()
    trusted = iam.Role("careful").assume_role_policy_document["Statement"][0]["Principal"]["AWS"]
    for role in iam.roles.all():
        for own in role.policies.all():
            own.delete()
        role.delete()
    return {
        "too early": too_early,
        "trusted": trusted == unique_id,
        "key": outcome(as_anna.client("sts").get_caller_identity),
        "left": [names(iam.users.all()), names(iam.groups.all()), names(iam.roles.all()), list(iam.policies.filter(Scope="Local"))],
    }


json.dump(told, sys.stdout)
