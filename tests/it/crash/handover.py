"""Stands in for a service manager: keeps two sockets, starts a server on them, replaces it on SIGHUP.

handover.py PROGRAM ARGUMENTS...

The sockets listen on free ports of this machine, and outlive every server. Each server's input ends
with this process, and the server with its input.
"""

import os
import signal
import socket
import subprocess
import sys

# Where the first of the sockets that are handed over has to be.
FIRST = 3
SIGNALS = [signal.SIGHUP, signal.SIGTERM]

sockets = [socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in range(2)]
ours = [os.dup(each.fileno()) for each in sockets]
for at, fd in enumerate(ours):
    os.dup2(fd, FIRST + 10 + at, inheritable=False)


def hand_over():
    """In the child: the sockets to where they are looked for, and signals as they were."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    for at in range(2):
        os.dup2(FIRST + 10 + at, FIRST + at)


def start(out):
    """Starts a server; `out` is where it says where it listens."""
    names = ["public", "ops"]
    settings = []
    for name, each in zip(names, sockets):
        settings += ["--set", "%s.address=127.0.0.1:%d" % (name, each.getsockname()[1])]
    command = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh"] + sys.argv[1:] + settings
    environ = dict(os.environ, LISTEN_FDS="2")
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, env=environ,
                            close_fds=False, preexec_fn=hand_over)


server = start(None)
signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
while True:
    told = signal.sigwait(SIGNALS)
    server.send_signal(signal.SIGTERM)
    status = server.wait()
    if status != 0 or told == signal.SIGTERM:
        sys.exit(abs(status))
    # Nobody reads that again.
    server = start(subprocess.DEVNULL)
