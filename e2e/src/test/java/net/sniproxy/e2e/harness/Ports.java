package net.sniproxy.e2e.harness;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Free ports for servers that must be told their port. They lie below the range from which Linux takes the ports of
 * clients (32768 and up), so that no connection takes one between here and the start of the server.
 */
public final class Ports {
    private static final int FIRST = 12_000;
    private static final int LAST = 32_000;
    /** As many have 127.83 in front. */
    private static final int ADDRESSES = 1 << 16;

    private static final AtomicInteger NEXT =
            new AtomicInteger(FIRST + (int) (ProcessHandle.current().pid() * 61 % (LAST - FIRST)));

    private Ports() {}

    /** A port free for TCP and UDP on every address; no two calls in one run give the same. */
    public static int free() {
        for (int i = 0; i < LAST - FIRST; i++) {
            int port = NEXT.getAndUpdate(last -> last >= LAST ? FIRST : last + 1);
            if (bindable(new InetSocketAddress(port))) {
                return port;
            }
        }
        throw new AssertionError("no free port between " + FIRST + " and " + LAST);
    }

    /** An address of the loopback interface, of this process's own, on which a port is free. */
    public static InetAddress loopbackAddressWith(int port) {
        long first = ProcessHandle.current().pid();
        for (int i = 0; i < ADDRESSES; i++) {
            int number = (int) ((first + i) % ADDRESSES);
            InetAddress address = InetAddress.ofLiteral("127.83." + (number >> 8) + "." + (number & 0xff));
            if (bindable(new InetSocketAddress(address, port))) {
                return address;
            }
        }
        throw new AssertionError("port " + port + " is taken on every address of this host");
    }

    private static boolean bindable(InetSocketAddress address) {
        try (ServerSocket tcp = new ServerSocket();
                DatagramSocket udp = new DatagramSocket(null)) {
            tcp.bind(address);
            udp.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
