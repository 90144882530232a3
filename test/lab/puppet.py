"""One of these runs in every namespace of the lab and does what it is told: sends, listens, watches the wire.

Commands come as JSON lines on standard input, answers leave as JSON lines on standard output with the command's id.
It never judges; it only says what happened.
"""
import json
import os
import re
import socket
import struct
import sys
import threading
import time

lock = threading.Lock()
seen_lock = threading.Condition()
seen_udp = {}
frames = []
sniffing = threading.Event()
streams = {}


def answer(ident, **fields):
    with lock:
        sys.stdout.write(json.dumps({"id": ident, **fields}) + "\n")
        sys.stdout.flush()


def listen_tcp(port):
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("0.0.0.0", port))
    server.listen(256)

    def serve(connection, peer):
        try:
            connection.sendall((peer[0] + "\n").encode())
            while True:
                data = connection.recv(65536)
                if not data:
                    break
                connection.sendall(data)
        except OSError:
            pass
        finally:
            connection.close()

    def accept():
        while True:
            connection, peer = server.accept()
            threading.Thread(target=serve, args=(connection, peer), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def listen_udp(port):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("0.0.0.0", port))

    def serve():
        while True:
            data, peer = server.recvfrom(65536)
            with seen_lock:
                seen_udp[data.decode(errors="replace")] = peer[0]
                seen_lock.notify_all()
            try:
                server.sendto(data + b" " + peer[0].encode(), peer)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()


def connect(to, port, timeout, source=None):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(timeout)
    try:
        if source is not None:
            client.bind((source, 0))
        client.connect((to, port))
        return client.recv(100).decode().strip()
    except OSError:
        return None
    finally:
        client.close()


def tcp(ident, to, port, timeout=0.2):
    peer = connect(to, port, timeout)
    answer(ident, ok=peer is not None, peer=peer)


def udp(ident, to, port, token, timeout=0.2):
    """Sends a token and waits for its echo."""
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(timeout)
    try:
        client.sendto(token.encode(), (to, port))
        data = client.recv(1000).decode().split(" ")
        answer(ident, ok=data[0] == token, peer=data[-1])
    except OSError:
        answer(ident, ok=False, peer=None)
    finally:
        client.close()


def send_udp(ident, to, port, tokens):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for token in tokens:
        try:
            client.sendto(token.encode(), (to, port))
        except OSError:
            pass
    client.close()
    answer(ident, ok=True)


def saw_udp(ident, token, timeout=0.2):
    end = time.monotonic() + timeout
    with seen_lock:
        while token not in seen_udp:
            left = end - time.monotonic()
            if left <= 0:
                break
            seen_lock.wait(left)
        answer(ident, ok=token in seen_udp, peer=seen_udp.get(token))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def raw(ident, to, protocol, body, timeout=0.2, replies=True):
    """An IP packet of any protocol; for icmp waits for the echo reply."""
    client = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
    client.settimeout(timeout)
    payload = bytes.fromhex(body)
    try:
        if protocol == 1:
            mark = os.urandom(4)
            head = payload[:2] + b"\0\0" + mark
            head = payload[:2] + struct.pack("!H", checksum(head)) + mark
            client.sendto(head, (to, 0))
            end = time.monotonic() + timeout
            while replies and time.monotonic() < end:
                data = client.recv(1000)
                if data[20] == 0 and data[24:28] == mark:
                    answer(ident, ok=True)
                    return
            answer(ident, ok=not replies)
        else:
            client.sendto(payload, (to, 0))
            answer(ident, ok=True)
    except OSError:
        answer(ident, ok=False)
    finally:
        client.close()


def send_frames(ident, device, frames_hex):
    client = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    client.bind((device, 0))
    for frame in frames_hex:
        client.send(bytes.fromhex(frame))
    client.close()
    answer(ident, ok=True)


def sniff(device):
    client = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    client.bind((device, 0))

    def run():
        while True:
            try:
                data, meta = client.recvfrom(65536)
            except OSError:
                return
            if meta[2] == 4:
                continue
            with seen_lock:
                frames.append(data)
                if len(frames) > 20000:
                    del frames[:10000]
                seen_lock.notify_all()

    threading.Thread(target=run, daemon=True).start()


def saw_frame(ident, part, timeout=0.2):
    """Was there a frame that contains these bytes, since the last `forget`?"""
    wanted = bytes.fromhex(part)
    end = time.monotonic() + timeout
    checked = 0
    with seen_lock:
        while True:
            for data in frames[checked:]:
                if wanted in data:
                    answer(ident, ok=True, frame=data.hex())
                    return
            checked = len(frames)
            left = end - time.monotonic()
            if left <= 0:
                answer(ident, ok=False)
                return
            seen_lock.wait(left)


def words(ident, prefix):
    """All texts on the wire that begin with this prefix and end with a full stop."""
    pattern = re.compile(re.escape(prefix.encode()) + b"([^.]*)[.]")
    with seen_lock:
        found = {match.decode() for data in frames for match in pattern.findall(data)}
    answer(ident, ok=True, words=sorted(found))


def forget(ident):
    with seen_lock:
        frames.clear()
        seen_udp.clear()
    answer(ident, ok=True)


def stream(ident, name, to, port, pause=0.001):
    """An open connection with a heartbeat; remembers the longest silence."""
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(3)
    state = {"beats": 0, "worst": 0.0, "long": 0, "error": None, "stop": False, "done": threading.Event()}
    try:
        client.connect((to, port))
        client.recv(100)
    except OSError as error:
        answer(ident, ok=False, error=str(error))
        return
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    streams[name] = state
    answer(ident, ok=True)

    def run():
        last = time.monotonic()
        while not state["stop"]:
            try:
                client.sendall(b"x")
                if not client.recv(10):
                    raise OSError("closed")
            except OSError as error:
                state["error"] = str(error)
                break
            now = time.monotonic()
            state["worst"] = max(state["worst"], now - last)
            state["long"] += now - last > 0.02
            state["beats"] += 1
            last = now
            time.sleep(pause)
        client.close()
        state["done"].set()

    threading.Thread(target=run, daemon=True).start()


def stream_state(ident, name, stop=False):
    state = streams[name]
    if stop:
        state["stop"] = True
        state["done"].wait(5)
    answer(ident, ok=state["error"] is None, beats=state["beats"], worst=state["worst"], long=state["long"], error=state["error"])


def hurry(ident):
    """Before everybody else on this machine, so that what is measured is the wire and not the queue for a processor."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        answer(ident, ok=True)
    except OSError:
        answer(ident, ok=False)


def besiege(ident, name, to, port):
    """Keeps trying to connect where nobody may; counts how often it worked."""
    state = {"tries": 0, "leaks": 0, "stop": False, "done": threading.Event()}
    streams[name] = state
    answer(ident, ok=True)

    def run():
        while not state["stop"]:
            state["tries"] += 1
            if connect(to, port, 0.03) is not None:
                state["leaks"] += 1
        state["done"].set()

    threading.Thread(target=run, daemon=True).start()


def siege_state(ident, name):
    state = streams[name]
    state["stop"] = True
    state["done"].wait(5)
    answer(ident, ok=True, tries=state["tries"], leaks=state["leaks"])


def start_listening(ident, tcp_ports=(), udp_ports=(), device=None):
    for port in tcp_ports:
        listen_tcp(port)
    for port in udp_ports:
        listen_udp(port)
    if device is not None:
        sniff(device)
    answer(ident, ok=True)


commands = {
    "listen": start_listening,
    "tcp": tcp,
    "udp": udp,
    "send_udp": send_udp,
    "saw_udp": saw_udp,
    "raw": raw,
    "frames": send_frames,
    "saw_frame": saw_frame,
    "words": words,
    "forget": forget,
    "stream": stream,
    "stream_state": stream_state,
    "hurry": hurry,
    "besiege": besiege,
    "siege_state": siege_state,
}


def run(command):
    ident = command.pop("id")
    name = command.pop("do")
    try:
        commands[name](ident, **command)
    except Exception as error:  # the lab must hear about every mistake
        answer(ident, ok=False, error=repr(error))


for line in sys.stdin:
    threading.Thread(target=run, args=(json.loads(line),), daemon=True).start()
