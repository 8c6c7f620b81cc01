"""The system call filter of a unit, put on a process as systemd would: with libseccomp, which systemd itself uses."""

import ctypes

from conftest import needed, run

ERRNO_EPERM = 0x00050001
ALLOW = 0x7FFF0000


def expanded(name):
    """The system calls of a name or @group, by systemd's own list."""
    if not name.startswith("@"):
        return {name}
    done = run(needed("systemd-analyze", "systemd"), "syscall-filter", name, "--no-pager")
    assert done.returncode == 0, done.stdout
    lines = [line.strip() for line in done.stdout.splitlines()[1:]]
    return set().union(*(expanded(line) for line in lines if line and not line.startswith("#")))


def allowed(lines):
    """What the values of SystemCallFilter= let through, in their order."""
    calls = expanded("@default") | {"execve", "exit", "exit_group", "rt_sigreturn", "restart_syscall"}
    for line in lines:
        words = set().union(*(expanded(word) for word in line.lstrip("~").split()))
        calls = calls - words if line.startswith("~") else calls | words
    return calls


def filtering(calls):
    """A function for preexec_fn: after it only these calls work, others fail with EPERM."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    numbers = [number for call in sorted(calls) if (number := library.seccomp_syscall_resolve_name(call.encode())) != -1]

    def apply():
        context = library.seccomp_init(ERRNO_EPERM)
        for number in numbers:
            library.seccomp_rule_add_array(context, ALLOW, number, 0, None)
        if library.seccomp_load(context) != 0:
            raise OSError("the filter cannot be loaded")
    return apply
