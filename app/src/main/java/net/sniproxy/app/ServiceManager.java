package net.sniproxy.app;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.UnixAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager, usually systemd, how the process fares: sd_notify(3). Without one, which the environment tells,
 * every method does nothing; a manager that does not listen is no reason to fail. Thread-safe.
 */
final class ServiceManager implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
    private static final String SOCKET = "NOTIFY_SOCKET";
    private static final String WATCHDOG = "WATCHDOG_USEC";
    /** Beyond the time that connections get to end. */
    private static final Duration TO_STOP = Duration.ofSeconds(15);

    private final Kernel kernel;
    private final Optional<Descriptor> socket;
    private final Optional<Duration> deadline;
    private volatile boolean watching = true;
    private boolean closed;

    private ServiceManager(Kernel kernel, Optional<Descriptor> socket, Optional<Duration> deadline) {
        this.kernel = kernel;
        this.socket = socket;
        this.deadline = deadline;
    }

    /** The one that the environment names. */
    static ServiceManager of(Kernel kernel, Map<String, String> environment) {
        Optional<Descriptor> socket =
                Optional.ofNullable(environment.get(SOCKET)).flatMap(name -> connect(kernel, name));
        return new ServiceManager(kernel, socket, deadline(environment));
    }

    private static Optional<Descriptor> connect(Kernel kernel, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = name.startsWith("@")
                    ? UnixAddress.ofAbstractName(arena, name.substring(1))
                    : UnixAddress.ofPath(arena, name);
            int number = kernel.calls().socket(UnixAddress.AF_UNIX, UnixAddress.SOCK_DGRAM_CLOEXEC, 0);
            kernel.check("socket", SOCKET, number);
            Descriptor descriptor = Descriptor.own(kernel.calls(), number, SOCKET);
            int connected = kernel.calls().connect(descriptor.number(), address, (int) address.byteSize());
            if (connected < 0) {
                descriptor.close();
            }
            kernel.check("connect", name, connected);
            return Optional.of(descriptor);
        } catch (BpfException | IllegalArgumentException e) {
            LOG.warn("the service manager cannot be told anything: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<Duration> deadline(Map<String, String> environment) {
        String ownPid = Long.toString(ProcessHandle.current().pid());
        boolean forUs = environment.getOrDefault("WATCHDOG_PID", ownPid).equals(ownPid);
        return Optional.ofNullable(environment.get(WATCHDOG))
                .filter(text -> forUs && text.matches("[1-9][0-9]{0,15}"))
                .map(text -> Duration.of(Long.parseLong(text), ChronoUnit.MICROS));
    }

    /** The start, or a reload, is over. */
    void ready(String status) {
        tell("READY=1\nSTATUS=" + OneLine.of(status));
    }

    /** A reload begins; {@link #ready} ends it. */
    void reloading() {
        tell("RELOADING=1\nMONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
    }

    /** The end begins, and the watch ends; connections get this much time. */
    void stopping(Duration drain) {
        watching = false;
        long micros = TimeUnit.NANOSECONDS.toMicros(drain.plus(TO_STOP).toNanos());
        tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + micros);
    }

    /**
     * Tells from now on, twice within the time that the manager allows, that the process is well, as long as it is.
     *
     * @param heartbeat begins a check; done when all is well
     */
    void watch(Supplier<CompletableFuture<Void>> heartbeat) {
        if (socket.isEmpty() || deadline.isEmpty()) {
            return;
        }
        long pause = deadline.get().dividedBy(2).toNanos();
        Thread.ofPlatform().daemon().name("sni-proxy-watchdog").start(() -> {
            while (watching) {
                if (isWell(heartbeat, pause)) {
                    tell("WATCHDOG=1");
                } else if (watching) {
                    LOG.error("an event loop does not answer; if that lasts, the service manager restarts the proxy");
                }
                pause(pause);
            }
        });
    }

    private static boolean isWell(Supplier<CompletableFuture<Void>> heartbeat, long nanos) {
        try {
            heartbeat.get().orTimeout(nanos, TimeUnit.NANOSECONDS).join();
            return true;
        } catch (CompletionException e) {
            return false;
        }
    }

    private static void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void tell(String message) {
        if (socket.isEmpty() || closed) {
            return;
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            kernel.check("sendto", SOCKET, kernel.calls().send(socket.get().number(), memory, bytes.length, 0));
        } catch (BpfException e) {
            LOG.warn(
                    "the service manager was not told {}: {}",
                    message.lines().findFirst().orElse(""),
                    e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        watching = false;
        closed = true;
        socket.ifPresent(Descriptor::close);
    }
}
