"""A terminal for a command whose questions are answered by what stdin holds: each line `question<TAB>answer`, a regular expression and text."""
import fcntl, os, pty, re, struct, sys, termios

answers = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
seen = ""
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    os.write(1, data)
    seen += data.decode(errors="replace")
    for question, answer in answers:
        found = list(re.finditer(question, seen))
        if found:
            seen = seen[found[-1].end():]
            os.write(fd, answer.encode().decode("unicode_escape").encode())
            break
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
