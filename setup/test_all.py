#!/usr/bin/env python3
"""What `make test` runs after the set-up: every check and test, each one even if an earlier one failed.

Ends with a table of the steps; exit status 1 if any failed or could not run. `test_all.py STEP...` runs only the steps
whose name contains one of the words; `test_all.py soak` runs what takes too long for every day.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

# Lines of pytest, ctest, GoogleTest, vitest and compilers that name a failure; the summary repeats the first ones.
FAILURE = re.compile(r"^(FAILED|ERROR) |\*\*\*Failed|\(Failed\)|\(Timeout\)|^\[  FAILED  \]|^\s*FAIL |: error:|^ninja: error")
MOST_FAILURES = 12

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "deps/python/bin/python3"
JOBS = str(len(os.sched_getaffinity(0)))
SUPPRESSIONS = ROOT / "tests" / "sanitizers"

# OpenVINO, TBB and the libav libraries are not instrumented: the suppression files name what that entails.
SANITIZERS = {
    "ASAN_OPTIONS": "strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1:"
                    "strict_init_order=1:detect_leaks=1",
    "LSAN_OPTIONS": f"suppressions='{SUPPRESSIONS / 'lsan.supp'}':print_suppressions=0",
    "UBSAN_OPTIONS": f"print_stacktrace=1:suppressions='{SUPPRESSIONS / 'ubsan.supp'}'",
    "TSAN_OPTIONS": f"suppressions='{SUPPRESSIONS / 'tsan.supp'}':ignore_noninstrumented_modules=1:"
                    "second_deadlock_stack=1:halt_on_error=1",
    # Else TBB loads its helper library in a way (RTLD_DEEPBIND) at which a sanitizer ends the program.
    "TBB_ENABLE_SANITIZERS": "1",
}
# At the end of a server the leak checker of GCC 12 crashes itself ("Tracer caught signal 11"), at the record of a thread that has just
# ended. Leaks are looked for by the unit tests under the same sanitizer; that memory stays flat, by these tests on the usual build.
SERVER_SANITIZERS = {**SANITIZERS, "ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"].replace("detect_leaks=1", "detect_leaks=0")}


def fixed_addresses():
    """GCC 12's thread sanitizer cannot start under the address randomisation of newer kernels; setarch turns it off."""
    probe = subprocess.run(["setarch", "-R", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return ["setarch", "-R"] if probe.returncode == 0 else []


def build(preset, prefix=()):
    return [["python3", "setup/configure.py", preset], [*prefix, "cmake", "--build", f"build/{preset}", "-j", JOBS]]


def ctest(preset, timeout, *more, prefix=()):
    return [*prefix, "ctest", "--test-dir", f"build/{preset}", "--output-on-failure", "--no-tests=error", "-j", JOBS,
            "--timeout", timeout, *more]


def pytest(folder, *more):
    return [PYTHON, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", folder, *more]


def steps():
    """(name, commands, the step it needs)."""
    tsan = fixed_addresses()
    program = {"STORYSIGN_BIN": str(ROOT / "build" / "release" / "storysign")}
    sanitized = {"STORYSIGN_BIN": str(ROOT / "build" / "asan-ubsan" / "storysign"), "STORYSIGN_CONNECTS": "200"}
    plan = [
        ("format", [["python3", "setup/format.py", "--check"]], None, {}),
        ("release build", build("release"), None, {}),
        ("clang-tidy", [["python3", "setup/tidy.py"]], "release build", {}),
        ("meta tests", [pytest("tests/meta")], None, {}),
        ("release tests", [ctest("release", "300")], "release build", {}),
        ("end-to-end beside", [pytest("tests/e2e", "-m", "not alone", "-n", JOBS, "--dist", "loadfile")], "release build", program),
        ("end-to-end alone", [pytest("tests/e2e", "-m", "alone")], "release build", program),
        ("deploy tests", [pytest("tests/deploy")], "release build", program),
        ("conformance tests", [pytest("tests/conformance")], "release build", {}),
        ("web check", [["npm", "--prefix", "web", "run", "--silent", "check"]], None, {}),
        ("web e2e", [["npm", "--prefix", "web", "run", "--silent", "e2e"]], "release build", program),
        ("asan-ubsan build", build("asan-ubsan"), None, SANITIZERS),
        ("asan-ubsan tests", [ctest("asan-ubsan", "900")], "asan-ubsan build", SANITIZERS),
        ("asan-ubsan server", [pytest("tests/e2e/test_serve_faults.py", "-s")], "asan-ubsan build",
         {**SERVER_SANITIZERS, **sanitized}),
        ("tsan build", build("tsan", tsan), None, SANITIZERS),
        ("tsan tests", [ctest("tsan", "900", prefix=tsan)], "tsan build", SANITIZERS),
    ]
    return plan


def soak_steps():
    """What takes too long for every day."""
    faults = pytest("tests/e2e/test_serve_faults.py", "-s")
    return [
        ("asan-ubsan build", build("asan-ubsan"), None, SANITIZERS),
        ("hostile clients", [[*faults, "-k", "hostile"]], "asan-ubsan build",
         {**SERVER_SANITIZERS, "STORYSIGN_BIN": str(ROOT / "build" / "asan-ubsan" / "storysign"), "STORYSIGN_HOSTILE_SECONDS": "600"}),
        ("operation", [pytest("tests/e2e/test_operate_soak.py", "-s")], None,
         {"STORYSIGN_SOAK_SECONDS": "1800", "STORYSIGN_SOAK_LEARNERS": str(9 * int(JOBS))}),
        ("connections", [[*faults, "-k", "memory"]], None, {"STORYSIGN_CONNECTS": "10000"}),
    ]


def run_command(command, environment):
    """Its status, and the lines of its output that name what failed."""
    try:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env={**os.environ, **environment}, text=True, errors="replace")
    except FileNotFoundError:
        print(f"make test: the program {command[0]} is missing; run `make setup`.", flush=True)
        return 127, []
    failures = []
    with process:
        for line in process.stdout:
            print(line, end="", flush=True)
            if FAILURE.search(line):
                failures.append(line.strip()[:300])
    return process.returncode, failures


def run_step(name, commands, environment):
    """(outcome, seconds, the first of what failed)."""
    print(f"\n=== {name}", flush=True)
    start = time.monotonic()
    for command in commands:
        status, failures = run_command(command, environment)
        if status != 0:
            return "FAILED", time.monotonic() - start, failures[:MOST_FAILURES]
    return "passed", time.monotonic() - start, []


def main():
    words = sys.argv[1:]
    plan = soak_steps() if words == ["soak"] else [
        step for step in steps() if not words or any(word in step[0] for word in words)]
    if not plan:
        sys.exit(f"No step is named like {' '.join(words)}; the steps are: {', '.join(step[0] for step in steps())}.")
    results = {}
    start = time.monotonic()
    try:
        for name, commands, needs, environment in plan:
            if needs in results and results[needs][0] != "passed":
                results[name] = (f"not run: {needs} failed", 0.0, [])
            else:
                results[name] = run_step(name, commands, environment)
    except KeyboardInterrupt:
        print("\nmake test: interrupted", flush=True)
        return 130
    print("\n=== summary")
    for name, (outcome, seconds, failures) in results.items():
        print(f"  {name:<20} {outcome:<10} {seconds:7.1f} s")
        for failure in failures:
            print(f"      {failure}")
    failed = [name for name, (outcome, _, _) in results.items() if outcome != "passed"]
    print(f"{len(results) - len(failed)} steps passed, {len(failed)} failed, {time.monotonic() - start:.0f} s"
          + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
