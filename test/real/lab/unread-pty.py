#!/usr/bin/env python3
"""Runs a program on a terminal that nobody reads, then ends it; prints one JSON object. Standard library only.

  ./unread-pty.py SECONDS COMMAND [ARGUMENT...]

The program gets a pseudo terminal of 120x40 as its only terminal. Its output is never read: the kernel's buffer fills, and from
then on each blocking write waits. After SECONDS it gets SIGTERM, and 20 s to end, still unread.
  exit      its exit code, or minus the signal's number (-9: it had to be killed)
  end_ms    from SIGTERM to its end
  rss_kib   its resident memory, once a second
"""
import ctypes, fcntl, json, os, pty, signal, struct, subprocess, sys, termios, time

seconds, command = float(sys.argv[1]), sys.argv[2:]
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))


def in_child():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it does not outlive this script, however that ends
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                         preexec_fn=in_child, env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
os.close(theirs)


def rss():
    try:
        with open("/proc/%d/status" % child.pid) as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmRSS")), 0)
    except OSError:
        return 0


samples, start = [], time.monotonic()
while time.monotonic() - start < seconds and child.poll() is None:
    samples.append(rss())
    time.sleep(1)
early = child.poll() is not None
child.send_signal(signal.SIGTERM)
asked = time.monotonic()
try:
    child.wait(20)
except subprocess.TimeoutExpired:
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
took = time.monotonic() - asked
os.set_blocking(ours, False)
try:
    left = os.read(ours, 1 << 20)
except OSError:
    left = b""
print(json.dumps({"exit": child.returncode, "ended_early": early, "end_ms": round(took * 1000), "rss_kib": samples, "unread_bytes_at_least": len(left)}))
