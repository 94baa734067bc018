package net.sniproxy.e2e.wire;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Local ports for clients, one after the other. The kernel chooses ports at random, soon one that an earlier client had, and
 * a line of the access log, which names clients by address and port, could be of either.
 */
final class ClientPorts {
    /** Below the range that the kernel hands out, so that no server of a test loses its port to a client. */
    private static final int FIRST = 10_000;

    private static final int COUNT = 10_000;

    private static final AtomicInteger TAKEN =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

    private ClientPorts() {}

    /** Binds a client that is not yet bound to the next port that nobody has. */
    static void bind(Socket client) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                client.bind(new InetSocketAddress(FIRST + Math.floorMod(TAKEN.getAndIncrement(), COUNT)));
                return;
            } catch (BindException taken) {
                if (attempt == COUNT) {
                    throw taken;
                }
            }
        }
    }
}
