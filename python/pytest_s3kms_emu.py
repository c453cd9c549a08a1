"""pytest fixtures for s3kms-emu: an emulator for the session, emptied before every test.

    def test_a_disabled_key_is_told(s3kms_emu, s3kms_emu_s3, s3kms_emu_kms):
        s3kms_emu.seed({"keys": [{"alias": "alias/app"}], "buckets": [{"name": "uploads"}]})
        ...
        s3kms_emu.assert_received_kms_call("Decrypt", key="alias/app", error="DisabledException")

Needs boto3, and the program: `s3kms-emu` on the PATH, in node_modules/.bin, or by npx. Each worker of pytest-xdist has an emulator of
its own, because each has a session of its own.
"""

import atexit
import datetime
import json
import os
import shlex
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
import uuid

import boto3
import pytest
from botocore.config import Config

CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def pytest_addoption(parser):
    group = parser.getgroup("s3kms-emu", "Amazon S3 and AWS KMS on this machine")
    group.addoption("--s3kms-emu-endpoint", help="an emulator that runs already (S3KMS_EMU_ENDPOINT)")
    group.addoption("--s3kms-emu-command", help="how it is started, such as 'npx s3kms-emu' (S3KMS_EMU_COMMAND)")
    parser.addini("s3kms_emu_command", "how the emulator is started")
    parser.addini("s3kms_emu_fixtures", "fixture files of the emulator that is started, applied before every test", type="paths", default=[])
    parser.addini("s3kms_emu_options", "further options of `s3kms-emu start`", type="args", default=[])


class Emulator:
    """An emulator that runs, as tests see it. What is asked here leaves nothing in the trail."""

    def __init__(self, endpoint, region="us-east-1", control_token=None):
        self.endpoint = endpoint.rstrip("/")
        self.region = region
        self._control_token = control_token

    @property
    def environment(self):
        """The variables that turn AWS's SDKs and tools to it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def client(self, service, **options):
        """A boto3 client; `config`, `region_name`, keys … as boto3 takes them."""
        given = {"endpoint_url": self.endpoint, "region_name": self.region, **CREDENTIALS, **options}
        # An endpoint is spoken to in path style, and failures are what a test is about: none is tried again.
        config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        given["config"] = config.merge(options["config"]) if "config" in options else config
        return boto3.client(service, **given)

    def trail(self, event=None, **wanted):
        """Calls that were recorded, oldest first, as dictionaries: `event`, `service`, `key`, `context`, `caller`, `via`, `error`,
        `bucket`, `object`, `time`, `request_id`, and CloudTrail's `record` whole.

        Only those that have all that is named; `key` is an id, ARN or alias, `context` pairs among others, `error` a code, True or
        False. Calls on objects are there where the emulator was started with --trail-data-events.
        """
        _require_known(wanted)
        arn = self._arn(wanted.get("key"))
        return [call for call in map(_call, self._records()) if _meets(call, {"event": event, **wanted}, arn)]

    def explain(self, request_id="last"):
        """Why calls ended as they did."""
        return self._ask("GET", f"/explain/{_quoted(request_id)}")["explanations"]

    def keys(self):
        """The KMS keys, with their aliases."""
        return self._ask("GET", f"/keys?region={self.region}")["keys"]

    def key(self, name):
        """The key that an id, ARN or alias names: for calls that take no alias, as DisableKey."""
        for key in self.keys():
            if name in (key["KeyId"], key["Arn"]) or name in key["Aliases"]:
                return key
        raise LookupError(f"there is no KMS key {name}")

    def seed(self, fixtures):
        """Makes what fixtures declare and is not there; one line for each is returned."""
        return self._ask("POST", "/seed", fixtures)["fixtureReport"]

    def reset(self, fixtures=False):
        """Empties it; with `fixtures` it is as it was when it was started."""
        self._ask("POST", "/reset?fixtures=true" if fixtures else "/reset")

    def settle(self):
        """Until everything is done that is due by its clock."""
        self._ask("POST", "/settle")

    def faults(self):
        """What goes wrong on purpose, and how often each rule struck."""
        return self._ask("GET", "/faults")["faults"]

    def add_fault(self, **rule):
        """Has calls go wrong on purpose: `service="kms", operation="Decrypt", error="ThrottlingException", times=2` (docs/lab.md)."""
        return self._ask("POST", "/faults", rule)

    def clear_faults(self, id=None):
        """Ends all faults, or the one that `add_fault` answered with that `id`."""
        self._ask("DELETE", "/faults" if id is None else f"/faults/{_quoted(id)}")

    def clock(self):
        """What its clock shows."""
        return self._ask("GET", "/clock")

    def advance_clock(self, by):
        """Turns its clock on, by `30d` or `90s`; what falls due meanwhile is done when this returns."""
        return self._ask("POST", f"/clock/advance/{_quoted(by)}")

    def snapshot(self):
        """Keeps the state as it is now; what is returned puts it back."""
        name = f"test-{uuid.uuid4()}"
        self._ask("PUT", f"/snapshots/{name}")
        return lambda: self._ask("POST", f"/snapshots/{name}/load")

    def inspect(self, uri, limit=None):
        """How the object of `s3://bucket/key` lies in the store, and the calls of KMS about it."""
        return self._ask("GET", _with_query("/inspect", uri=uri, limit=limit))

    def audit(self, by=None, since=None, until=None):
        """What lies how, who calls KMS, and `findings`: what is wrong with that. Times are datetimes."""
        return self._ask("GET", _with_query("/audit", by=by, since=_milliseconds(since), until=_milliseconds(until)))

    def verify(self, repair=False):
        """Reads everything: `ok` where it is as it was written, else `faults`."""
        return self._ask("POST", "/verify?repair=true" if repair else "/verify")

    def suggest_policy(self, principal, since=None):
        """The least that a principal's recorded calls needed: `identityPolicy`, or `keyPolicies` and `bucketPolicies`."""
        return self._ask("GET", _with_query("/policy/suggest", principal=principal, since=_milliseconds(since)))

    def why_not(self, principal, action, resource, context=None, via=None):
        """Whether a call that nobody made would be `allowed`, and why: `because`, `statements`."""
        question = {"principal": principal, "action": action, "resource": resource, "encryptionContext": context, "via": via}
        return self._ask("POST", "/policy/why-not", {name: value for name, value in question.items() if value is not None})

    def assert_received_kms_call(self, event, times=None, **wanted):
        """At least one such call of KMS was recorded, S3's own calls included; with `times` exactly so many."""
        __tracebackhide__ = True
        _require_known(wanted)
        calls = [call for call in self.trail() if call["service"] == "kms"]
        arn = self._arn(wanted.get("key"))
        found = [call for call in calls if _meets(call, {"event": event, **wanted}, arn)]
        if len(found) == times or (times is None and found):
            return found
        shown = "\n".join(f"  {index}. {_line(call)}" for index, call in enumerate(calls, 1)) or "  none"
        named = ", ".join(f"{name} {value}" for name, value in wanted.items())
        number = "a call" if times is None else f"{times} calls"
        raise AssertionError(
            f"expected {number} of {event}{' with ' + named if named else ''}, found {len(found)}\n"
            f"calls of KMS that were recorded, oldest first:\n{shown}"
        )

    def _arn(self, name):
        if name is None:
            return None
        return next((key["Arn"] for key in self.keys() if name in (key["KeyId"], key["Arn"]) or name in key["Aliases"]), name)

    def _records(self):
        records, after = [], ""
        while True:
            page = self._ask("GET", f"/trail?all=true&limit=1000&region={self.region}{after}")
            records += page["records"]
            if "next" not in page:
                return reversed(records)
            after = f"&after={page['next']}"

    def _ask(self, method, path, body=None):
        headers = {"content-type": "application/json"}
        if self._control_token:
            headers["authorization"] = f"Bearer {self._control_token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_s3kms{path}", data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error).get("message", str(error))) from None


def _quoted(text):
    return urllib.parse.quote(str(text), safe="")


def _with_query(path, **parameters):
    return f"{path}?{urllib.parse.urlencode({name: value for name, value in parameters.items() if value is not None})}"


def _milliseconds(time):
    return None if time is None else int(time.timestamp() * 1000)


def _call(record):
    identity, request = record["userIdentity"], record.get("requestParameters") or {}
    key = next((own["ARN"] for own in record.get("resources", []) if own["type"] == "AWS::KMS::Key"), None)
    session = identity.get("principalId", "").partition(":")[2] if identity.get("type") == "AssumedRole" else None
    invoked_by = identity.get("invokedBy", "")
    return {
        "time": datetime.datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00")),
        "service": record["eventSource"].partition(".")[0],
        "event": record["eventName"],
        "key": key,
        "key_named": request.get("keyId") or request.get("aliasName"),
        "context": request.get("encryptionContext") or request.get("sourceEncryptionContext") or {},
        "caller": identity.get("userName") or session,
        "caller_arn": identity.get("arn"),
        "via": invoked_by.split(".")[1] if invoked_by.startswith("fas.") else None,
        "error": record.get("errorCode"),
        "error_message": record.get("errorMessage"),
        "bucket": request.get("bucketName"),
        "object": request.get("key"),
        "request_id": record.get("requestID"),
        "record": record,
    }


_MEMBERS = {
    *("time", "service", "key", "key_named", "context", "caller", "caller_arn", "via", "error", "error_message"),
    *("bucket", "object", "request_id"),
}


def _require_known(wanted):
    unknown = sorted(set(wanted) - _MEMBERS)
    if unknown:
        raise TypeError(f"a call has no {unknown[0]}: there are {', '.join(sorted(_MEMBERS))}")


def _meets(call, wanted, arn):
    for name, value in wanted.items():
        if value is None:
            continue
        if name == "event":
            same = call["event"].lower() == value.lower()
        elif name == "key":
            same = arn == call["key"] or value == call["key_named"] or _touches(call, arn)
        elif name == "context":
            same = all(call["context"].get(own) == text for own, text in value.items())
        elif name == "caller":
            same = value in (call["caller"], call["caller_arn"])
        elif name == "error":
            same = _has_error(call["error"], value)
        else:
            same = call[name] == value
        if not same:
            return False
    return True


def _touches(call, arn):
    return any(resource["ARN"] == arn for resource in call["record"].get("resources", []))


def _has_error(code, wanted):
    if isinstance(wanted, bool):
        return (code is not None) == wanted
    wanted = wanted.removeprefix("KMS.")
    return code == wanted or (code == "AccessDenied" and wanted == "AccessDeniedException")


def _line(call):
    key = call["key_named"] if call["key_named"] and "alias/" in call["key_named"] else (call["key"] or "-").rpartition("/")[2]
    who = (call["caller"] or call["caller_arn"] or "anonymous") + (f" via {call['via']}" if call["via"] else "")
    context = " ".join(f"{name}={value}" for name, value in call["context"].items()) or "-"
    return "  ".join([call["event"], key, who, call["error"] or "-", context])


@pytest.fixture(scope="session")
def s3kms_emu_server(pytestconfig):
    """The emulator of the session: one that runs already, or one that is started and stopped with it."""
    token = os.environ.get("S3KMS_CONTROL_TOKEN")
    running = pytestconfig.getoption("s3kms_emu_endpoint") or os.environ.get("S3KMS_EMU_ENDPOINT")
    if running:
        yield Emulator(running, control_token=token)
        return
    fixtures = [str(path) for path in pytestconfig.getini("s3kms_emu_fixtures")]
    options = pytestconfig.getini("s3kms_emu_options") + (["--fixtures", *fixtures] if fixtures else [])
    command = [*_command(pytestconfig), "start", "--ephemeral", "--port", "0", "--json", "--log-level", "warn", *options]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    atexit.register(process.kill)
    ready = process.stdout.readline()
    if not ready:
        raise RuntimeError(f"{' '.join(command)} ended with {process.wait()}")
    started = json.loads(ready)
    yield Emulator(started["endpoint"], started["region"], token)
    process.terminate()
    process.wait()


@pytest.fixture
def s3kms_emu(s3kms_emu_server, monkeypatch):
    """The emulator as it was when it was started, and the AWS_* variables turned to it."""
    s3kms_emu_server.reset(fixtures=True)
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL_")] + ["AWS_PROFILE", "AWS_SESSION_TOKEN"]:
        monkeypatch.delenv(name, raising=False)
    for name, value in s3kms_emu_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3kms_emu_server


@pytest.fixture
def s3kms_emu_s3(s3kms_emu):
    """A boto3 client of S3."""
    return s3kms_emu.client("s3")


@pytest.fixture
def s3kms_emu_kms(s3kms_emu):
    """A boto3 client of KMS."""
    return s3kms_emu.client("kms")


def _command(pytestconfig):
    given = pytestconfig.getoption("s3kms_emu_command") or os.environ.get("S3KMS_EMU_COMMAND")
    given = given or pytestconfig.getini("s3kms_emu_command")
    if given:
        return shlex.split(given)
    beside = pytestconfig.rootpath / "node_modules" / ".bin"
    program = shutil.which("s3kms-emu") or shutil.which("s3kms-emu", path=str(beside))
    if program:
        return [program]
    npx = shutil.which("npx")
    if npx:
        return [npx, "--yes", "s3kms-emu"]
    raise RuntimeError("s3kms-emu is not found: put it on the PATH, or name it by --s3kms-emu-command")
