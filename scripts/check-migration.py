#!/usr/bin/env python3
"""Holds docs/migration.md to what it says: loads each pair of files, the other proxy's and ours, as they are on the page, and
asks both for the same names. Both must reach the same back end, with the same PROXY header in front of the same ClientHello.

Needs root: the addresses of the page are those of two network namespaces, which are removed at the end. Installs nginx,
HAProxy and sniproxy where they are missing. Needs app/target/sni-proxy.jar (make build).
usage: check-migration.py
"""
import concurrent.futures
import contextlib
import ctypes
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PROXY, NET = f"sni-moved-{os.getpid()}", f"sni-world-{os.getpid()}"
PROXY_ADDRESS, CLIENT, BLOCKED, RESOLVER, ITSELF = "192.0.2.1", "192.0.2.200", "198.51.100.9", "192.0.2.53", "11.0.0.77"
# What the page names as upstreams, and what a name resolves to that routes to itself: that must be a public address.
IN_NET = ["192.0.2.10:443", "192.0.2.11:8443", "10.0.0.6:443", "10.0.0.7:443", "10.0.0.8:443", f"{ITSELF}:443"]
BESIDE_PROXY = ["127.0.0.1:8443", "127.0.0.1:9443", "unix:/run/web.sock"]
# Either is right.
SAME = {"10.0.0.7:443": "10.0.0.6:443"}
CLONE_NEWNET = 0x40000000
DEADLINE = 60

# Name (None: none is sent), protocols offered, address of the client.
ASKED = {
    "sniproxy": [("example.com", [], CLIENT), ("www.example.net", [], CLIENT), ("www.example.org", [], CLIENT),
                 ("elsewhere.test", [], CLIENT), (None, [], CLIENT)],
    "haproxy": [("shop.example.com", [], CLIENT), ("SHOP.example.com", [], CLIENT), ("www.example.net", ["h2"], CLIENT),
                ("www.example.net", ["http/1.1"], CLIENT), ("elsewhere.test", [], CLIENT), (None, [], CLIENT),
                ("shop.example.com", [], BLOCKED)],
    "nginx": [("example.com", [], CLIENT), ("www.example.com", [], CLIENT), ("elsewhere.test", [], CLIENT),
              ("example.com", [], BLOCKED)],
}


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def inside(namespace, action):
    """Runs an action on a thread of that network namespace; sockets stay there."""

    def body():
        with open(f"/run/netns/{namespace}") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        return action()

    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(body).result()


class BackEnds:
    """Servers that take a connection, note what it began with, and close it."""

    def __init__(self):
        self.seen = []
        self.news = threading.Condition()

    def listen(self, where):
        if where.startswith("unix:"):
            path = where[5:]
            with contextlib.suppress(FileNotFoundError):
                os.remove(path)
            server = socket.socket(socket.AF_UNIX)
            server.bind(path)
            os.chmod(path, 0o777)
        else:
            host, port = where.rsplit(":", 1)
            server = socket.socket()
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((host, int(port)))
        server.listen()
        threading.Thread(target=self.serve, args=(where, server), daemon=True).start()

    def serve(self, where, server):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=self.note, args=(where, connection), daemon=True).start()

    def note(self, where, connection):
        with connection:
            connection.settimeout(DEADLINE)
            header, hello = read(connection)
        if hello:
            with self.news:
                self.seen.append((SAME.get(where, where), header, hello))
                self.news.notify_all()


def read(connection):
    """The PROXY header's version ("" if there is none), and the first TLS record."""
    data = b""
    while True:
        header, rest = "", data
        if data.startswith(b"PROXY "):
            header, rest = "v1", data.split(b"\r\n", 1)[1] if b"\r\n" in data else b""
        elif data.startswith(b"\r\n\r\n\0\r\nQUIT\n"):
            header, rest = "v2", data[16 + struct.unpack("!H", data[14:16])[0]:] if len(data) >= 16 else b""
        if len(rest) >= 5 and len(rest) >= 5 + struct.unpack("!H", rest[3:5])[0]:
            return header, rest
        piece = connection.recv(65536)
        if not piece:
            return header, b""
        data += piece


def resolver():
    """A name server for which every name has one address."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((RESOLVER, 53))

    def serve():
        while True:
            query, client = server.recvfrom(4096)
            end = query.index(b"\0", 12) + 5
            question, is_a = query[12:end], query[end - 4:end - 2] == b"\0\1"
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(ITSELF) if is_a else b""
            server.sendto(query[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_a else b"\0\0") + b"\0\0\0\0" + question + answer,
                          client)

    threading.Thread(target=serve, daemon=True).start()


def client_hello(name, protocols):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if protocols:
        context.set_alpn_protocols(protocols)
    out = ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


def ask(back_ends, name, protocols, source):
    """Which back end a hello came to, unchanged, and with which PROXY header; or that it came to none."""
    hello = client_hello(name, protocols)
    back_ends.seen.clear()
    with socket.socket() as client:
        client.bind((source, 0))
        client.settimeout(5)
        try:
            client.connect((PROXY_ADDRESS, 443))
            client.settimeout(DEADLINE)
            client.sendall(hello)
            # Ends when a back end, or the proxy, has closed.
            while client.recv(4096):
                pass
        except OSError:
            pass
    with back_ends.news:
        arrived = back_ends.news.wait_for(lambda: back_ends.seen, timeout=0.5)
        if not arrived:
            return "refused"
        where, header, came = back_ends.seen[0]
    return f"{where}{' PROXY ' + header if header else ''}{'' if came == hello else ' CHANGED'}"


def answers(process):
    """Waits until a proxy listens."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"{process.args} ended with {process.returncode}")
        with contextlib.suppress(OSError):
            inside(PROXY, lambda: socket.create_connection((PROXY_ADDRESS, 443), 1)).close()
            return
        time.sleep(0.1)
    raise SystemExit(f"{process.args} does not listen")


def routes(back_ends, command, asked, environment=None):
    """Runs a proxy, and tells where each hello went."""
    process = subprocess.Popen(["ip", "netns", "exec", PROXY, *command], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    try:
        answers(process)
        return [inside(NET, lambda one=one: ask(back_ends, *one)) for one in asked]
    finally:
        process.terminate()
        process.wait(DEADLINE)


def blocks():
    """For each section of the page that has both: the other proxy's file, and ours."""
    with open(f"{ROOT}/docs/migration.md") as page:
        sections = page.read().split("\n## ")
    found = {}
    for section in sections:
        title = section.split("\n")[0].lower()
        theirs = re.search(r"^```\n(.*?)^```", section, re.S | re.M)
        ours = re.search(r"^```json\n(.*?)^```", section, re.S | re.M)
        for name in ASKED:
            if f"from {name}" in title:
                found[name] = theirs[1], ours[1]
    return found


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def commands(name, folder, text):
    """How the other proxy checks its file, and how it runs with it."""
    file = write(f"{folder}/{name}.conf", text)
    if name == "haproxy":
        write("/etc/haproxy/blocked", "198.51.100.0/24\n")
        return ["haproxy", "-c", "-f", file], ["haproxy", "-db", "-f", file]
    if name == "nginx":
        whole = write(f"{folder}/whole.conf", "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n"
                      f"daemon off; error_log stderr warn; pid {folder}/nginx.pid;\nevents {{}}\ninclude {file};\n")
        return ["nginx", "-t", "-c", whole], ["nginx", "-c", whole]
    # It has no way to check without running.
    return None, ["sniproxy", "-f", "-c", file]


def compare(name, theirs, ours, folder, back_ends):
    check, serve = commands(name, folder, theirs)
    if check:
        run("ip", "netns", "exec", PROXY, *check)
    mine = write(f"{folder}/ours.json", ours)
    run(f"{ROOT}/sni-proxy", "check", "-c", mine)
    asked = ASKED[name]
    there = routes(back_ends, serve, asked)
    # The page is about routing; what the kernel does with it would be left behind here.
    here = routes(back_ends, [f"{ROOT}/sni-proxy", "run", "-c", mine], asked, {"SNIPROXY_EBPF__SPLICE__ENABLED": "false"})
    print(f"\n{'name':18} {'protocols':10} {'from':13} {name:30} {'here':30}")
    for (server, protocols, source), left, right in zip(asked, there, here):
        print(f"{server or '(none)':18} {','.join(protocols) or '-':10} {source:13} {left:30} {right:30} "
              f"{'' if left == right else 'DIFFERENT'}")
    return there == here and "CHANGED" not in " ".join(here) and len(set(here)) > 2


def prepare(folder):
    """Two namespaces, joined: the proxies in one, clients, name server and back ends in the other."""
    for namespace in PROXY, NET:
        run("ip", "netns", "add", namespace)
        run("ip", "-n", namespace, "link", "set", "lo", "up")
    run("ip", "-n", PROXY, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", NET)
    for namespace, addresses in (PROXY, [PROXY_ADDRESS, "10.0.0.1"]), (NET, [
            CLIENT, RESOLVER, *sorted({where.rsplit(":", 1)[0] for where in IN_NET}), BLOCKED]):
        for address in addresses:
            run("ip", "-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
        run("ip", "-n", namespace, "link", "set", "eth0", "up")
    for network in "198.51.100.0/24", "11.0.0.0/24":
        run("ip", "-n", PROXY, "route", "add", network, "dev", "eth0")
    # Of this process's mount namespace, and those of its children.
    run("mount", "-t", "tmpfs", "tmpfs", "/etc/haproxy")
    run("mount", "--bind", write(f"{folder}/resolv.conf", f"nameserver {RESOLVER}\n"), os.path.realpath("/etc/resolv.conf"))


def main():
    if "--alone" not in sys.argv:
        run(f"{ROOT}/scripts/install-test-tools.sh", "nginx:nginx", "/usr/lib/nginx/modules/ngx_stream_module.so:libnginx-mod-stream",
            "haproxy:haproxy", "sniproxy:sniproxy")
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, __file__, "--alone"])
    folder = tempfile.mkdtemp(prefix="sni-moved-")
    os.chmod(folder, 0o755)
    try:
        prepare(folder)
        back_ends = BackEnds()
        for where in IN_NET:
            inside(NET, lambda where=where: back_ends.listen(where))
        for where in BESIDE_PROXY:
            inside(PROXY, lambda where=where: back_ends.listen(where))
        inside(NET, resolver)
        found = blocks()
        results = [compare(name, *found[name], folder, back_ends) for name in ASKED]
        sys.exit(0 if all(results) else 1)
    finally:
        for namespace in PROXY, NET:
            subprocess.run(["ip", "netns", "delete", namespace], check=False)
        with contextlib.suppress(FileNotFoundError):
            os.remove("/run/web.sock")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
