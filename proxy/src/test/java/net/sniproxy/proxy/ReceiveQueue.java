package net.sniproxy.proxy;

import net.sniproxy.bpf.testing.Commands;

/**
 * How many received bytes the kernel keeps for a TCP socket of this host that is not read, from ss(8): other than
 * /proc/net/tcp it lets the kernel choose the socket, and so does not take longer the more sockets the host has.
 */
final class ReceiveQueue {
    private ReceiveQueue() {}

    /** Of the open socket with these ports; 0 if there is none. */
    static long bytes(int localPort, int remotePort) {
        String socket = Commands.run("ss", "-Htn", "sport = :" + localPort + " and dport = :" + remotePort);
        return socket.isBlank() ? 0 : Long.parseLong(socket.strip().split("\\s+")[1]);
    }
}
