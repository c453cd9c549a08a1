"""The AWS CLI, loaded once: each command is a fork that runs the CLI's own script. To start Python and import the CLI takes three quarters of a command's time.

A line of stdin is a command, {"program", "parameters", "cwd", "environment"}; a line of stdout says how it ended, {"code", "stdout", "stderr"}.
"""

import json
import os
import runpy
import sys
import tempfile
import traceback

given = dict(os.environ)
import awscli.customizations.s3.subcommands
from awscli.clidriver import create_clidriver

# Such as AWS_DATA_PATH, where the CLI has its own data.
set_by_import = {name: value for name, value in os.environ.items() if given.get(name) != value}


def main():
    # Imports what the CLI's plugins need; each command makes a driver of its own.
    create_clidriver()
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            code = run(json.loads(line), stdout, stderr)
            answers.write(json.dumps({"code": code, "stdout": text_of(stdout), "stderr": text_of(stderr)}) + "\n")
            answers.flush()


def run(command, stdout, stderr):
    """Forks; returns the exit code, below zero where a signal ended it."""
    child = os.fork()
    if child == 0:
        os._exit(perform(command, stdout, stderr))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def perform(command, stdout, stderr):
    code = 0
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(stdout.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        os.chdir(command["cwd"])
        os.environ.clear()
        os.environ.update(command["environment"] | set_by_import)
        sys.argv = [command["program"], *command["parameters"]]
        runpy.run_path(command["program"], run_name="__main__")
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def text_of(file):
    file.seek(0)
    return file.read().decode("utf-8", "replace")


if __name__ == "__main__":
    main()
