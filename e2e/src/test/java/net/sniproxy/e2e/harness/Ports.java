package net.sniproxy.e2e.harness;

import java.io.IOException;
import java.net.DatagramSocket;
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
    private static final AtomicInteger NEXT =
            new AtomicInteger(FIRST + (int) (ProcessHandle.current().pid() * 61 % (LAST - FIRST)));

    private Ports() {}

    /** A port free for TCP and UDP on every address; no two calls in one run give the same. */
    public static int free() {
        for (int i = 0; i < LAST - FIRST; i++) {
            int port = NEXT.getAndUpdate(last -> last >= LAST ? FIRST : last + 1);
            if (bindable(port)) {
                return port;
            }
        }
        throw new AssertionError("no free port between " + FIRST + " and " + LAST);
    }

    private static boolean bindable(int port) {
        try (ServerSocket tcp = new ServerSocket();
                DatagramSocket udp = new DatagramSocket(null)) {
            tcp.bind(new InetSocketAddress(port));
            udp.bind(new InetSocketAddress(port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
