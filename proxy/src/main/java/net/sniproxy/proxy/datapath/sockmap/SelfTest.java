package net.sniproxy.proxy.datapath.sockmap;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;

/**
 * Tries on this process's own sockets whether the running kernel redirects without fault. Kernels have lost wake-ups, lost queued
 * data at close and reordered bytes; their version numbers do not tell, for fixes and faults are carried into stable releases.
 *
 * <p>Needs no cgroup: the sockets are enrolled by their descriptors. Takes some milliseconds.
 */
final class SelfTest {
    private static final int MESSAGES = 64;
    private static final int MESSAGE = 1000;
    private static final long AMPLE = 1 << 20;

    /** More than its checks make the kernel hold at one time. */
    static final long MOST_HELD = AMPLE;

    private final Kernel kernel;
    private final SockmapTables tables;

    SelfTest(Kernel kernel, SockmapTables tables) {
        this.kernel = kernel;
        this.tables = tables;
    }

    /** Makes every check, in the order of the enum; its bytes do not count as traffic. The programs must be attached. */
    List<Outcome> run() {
        Map<Integer, List<Long>> traffic = tables.traffic();
        try {
            return Arrays.stream(Check.values()).map(this::run).toList();
        } finally {
            tables.restoreTraffic(traffic);
        }
    }

    private Outcome run(Check check) {
        long limit = check == Check.LIMIT ? MESSAGE : AMPLE;
        try (LoopbackPair pair = LoopbackPair.open(kernel, tables, limit)) {
            switch (check) {
                case ORDER -> order(pair);
                case WAKE_UP -> wakeUp(pair);
                case QUEUED_DATA -> queuedData(pair);
                case HALF_CLOSE -> halfClose(pair);
                case RESET -> reset(pair);
                case LIMIT -> limit(pair);
            }
            return new Outcome(check, "");
        } catch (IOException | BpfException e) {
            return new Outcome(check, String.valueOf(e.getMessage()));
        }
    }

    private static void order(LoopbackPair pair) throws IOException {
        sendAll(pair.sender());
        expect(pair.redirected() == MESSAGES * MESSAGE, pair.redirected() + " bytes were redirected");
        expect(pair.unread() == MESSAGES * MESSAGE, pair.unread() + " bytes count as unread before they are read");
        receiveAll(pair.receiver());
        expect(pair.unread() == 0, pair.unread() + " bytes count as unread after they were read");
    }

    private void wakeUp(LoopbackPair pair) throws IOException {
        try (ReadableEvents events = ReadableEvents.of(kernel, pair.receiver().intValue())) {
            expect(!events.happened(0), "an empty socket is readable");
            sendAll(pair.sender());
            expect(events.happened(1000), "the reader is not woken");
        }
        receiveAll(pair.receiver());
    }

    private static void queuedData(LoopbackPair pair) throws IOException {
        sendAll(pair.sender());
        pair.sender().close();
        receiveAll(pair.receiver());
        LoopbackPair.receiveEnd(pair.receiver());
    }

    private static void halfClose(LoopbackPair pair) throws IOException {
        sendAll(pair.sender());
        pair.sender().shutdown(false, true);
        receiveAll(pair.receiver());
        LoopbackPair.receiveEnd(pair.receiver());
        sendAll(pair.receiver());
        receiveAll(pair.sender());
    }

    private static void reset(LoopbackPair pair) throws IOException {
        sendAll(pair.sender());
        receiveAll(pair.receiver());
        pair.sender().setSoLinger(0);
        pair.sender().close();
        try {
            LoopbackPair.receiveEnd(pair.receiver());
        } catch (IOException expected) {
            expect(String.valueOf(expected.getMessage()).contains("reset"), "no RST: " + expected.getMessage());
            return;
        }
        throw new IOException("FIN came where RST was due");
    }

    private static void limit(LoopbackPair pair) throws IOException {
        sendAll(pair.sender());
        // The first message exceeds the limit with what is around it; what follows goes through TCP.
        expect(pair.redirected() == MESSAGE, pair.redirected() + " bytes were redirected at a limit of " + MESSAGE);
        receiveAll(pair.receiver());
        sendAll(pair.sender());
        expect(pair.redirected() == 2 * MESSAGE, "the direction did not come back from TCP when all was read");
        receiveAll(pair.receiver());
    }

    private static void sendAll(Socket from) throws IOException {
        for (int i = 0; i < MESSAGES; i++) {
            LoopbackPair.send(from, message(i));
        }
    }

    private static void receiveAll(Socket at) throws IOException {
        for (int i = 0; i < MESSAGES; i++) {
            expect(Arrays.equals(LoopbackPair.receive(at, MESSAGE), message(i)), "message " + i + " is out of order");
        }
    }

    private static byte[] message(int number) {
        byte[] message = new byte[MESSAGE];
        Arrays.fill(message, (byte) number);
        return message;
    }

    private static void expect(boolean condition, String otherwise) throws IOException {
        if (!condition) {
            throw new IOException(otherwise);
        }
    }
}
