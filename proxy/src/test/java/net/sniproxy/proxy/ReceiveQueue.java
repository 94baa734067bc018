package net.sniproxy.proxy;

import net.sniproxy.bpf.testing.Commands;

/**
 * What the kernel keeps for a TCP socket of this host that nobody takes, from ss(8): other than /proc/net/tcp it lets the kernel
 * choose the socket, and so does not take longer the more sockets the host has.
 */
final class ReceiveQueue {
    private ReceiveQueue() {}

    /** Received bytes of the open socket with these ports; 0 if there is none. */
    static long bytes(int localPort, int remotePort) {
        return waiting("ss", "-Htn", "sport = :" + localPort + " and dport = :" + remotePort);
    }

    /** Established connections of the listening socket at this IPv4 address; 0 if there is none. */
    static long connections(String host, int port) {
        return waiting("ss", "-Hltn", "src " + host + ":" + port);
    }

    private static long waiting(String... command) {
        String socket = Commands.run(command);
        return socket.isBlank() ? 0 : Long.parseLong(socket.strip().split("\\s+")[1]);
    }
}
