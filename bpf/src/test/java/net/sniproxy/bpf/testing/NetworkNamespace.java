package net.sniproxy.bpf.testing;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Descriptor;
import net.sniproxy.bpf.sys.SystemCalls;

/**
 * A network namespace that a test makes and closes; also removed when the JVM ends without closing it. Its name starts
 * with the process's id, so that test runs side by side do not meet.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int O_RDONLY = 0;
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final Set<NetworkNamespace> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> List.copyOf(OPEN).forEach(NetworkNamespace::close)));
    }

    private final String name;

    private NetworkNamespace(String name) {
        this.name = name;
    }

    /** A new namespace in which only the loopback interface exists, and is up. */
    public static NetworkNamespace create(String label) {
        String name = "sni-" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + "-" + label;
        Commands.run("ip", "netns", "add", name);
        NetworkNamespace namespace = new NetworkNamespace(name);
        OPEN.add(namespace);
        namespace.ip("link set lo up");
        return namespace;
    }

    /** The name that {@code ip netns exec} knows it by. */
    public String name() {
        return name;
    }

    /**
     * Joins this namespace and another with a cable: a pair of veth interfaces, both up.
     *
     * @param device the name of this end
     * @param address its address with prefix length, "10.0.0.1/24" or "fd00::1/64"
     */
    public void connect(
            String device, String address, NetworkNamespace other, String otherDevice, String otherAddress) {
        Commands.run(
                "ip",
                "link",
                "add",
                device,
                "netns",
                name,
                "type",
                "veth",
                "peer",
                "name",
                otherDevice,
                "netns",
                other.name);
        ip("addr add " + address + nodad(address) + " dev " + device, "link set " + device + " up");
        other.ip(
                "addr add " + otherAddress + nodad(otherAddress) + " dev " + otherDevice,
                "link set " + otherDevice + " up");
    }

    // Without it an IPv6 address cannot be used for the first second.
    private static String nodad(String address) {
        return address.contains(":") ? " nodad" : "";
    }

    /** Runs commands of ip(8) in this namespace, each given without the leading {@code ip}. */
    public void ip(String... commands) {
        Commands.run(List.of("ip", "-n", name, "-batch", "-"), String.join("\n", commands) + "\n");
    }

    /** Runs a program in this namespace; it must succeed. */
    public String run(String... command) {
        return Commands.run(command(command), "");
    }

    /** The command line that runs a program in this namespace. */
    public List<String> command(String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        whole.addAll(List.of(command));
        return whole;
    }

    /** The index of an interface of this namespace. */
    public int index(String device) {
        return Integer.parseInt(
                run("cat", "/sys/class/net/" + device + "/ifindex").strip());
    }

    /**
     * Runs code on a thread that is in this namespace: what it attaches by interface index and the sockets it opens
     * belong here, and stay so when other threads use them.
     */
    public <T> T call(Callable<T> code) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().name("in-" + name).start(() -> {
            try {
                enter();
                result.complete(code.call());
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        try {
            T value = result.get();
            thread.join();
            return value;
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** As {@link #call}, for code without a result. */
    public void execute(Runnable code) {
        call(() -> {
            code.run();
            return true;
        });
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException exception ? exception : new IllegalStateException(failure);
    }

    private void enter() {
        Kernel kernel = Kernel.running();
        SystemCalls calls = kernel.calls();
        try (Arena arena = Arena.ofConfined()) {
            int opened = calls.open(arena.allocateFrom("/run/netns/" + name), O_RDONLY, 0);
            kernel.check("openat", "namespace " + name, opened);
            try (Descriptor descriptor = Descriptor.own(calls, opened, "namespace " + name)) {
                kernel.check("setns", name, calls.setNamespace(descriptor.number(), CLONE_NEWNET));
            }
        }
    }

    /** Removes the namespace, its interfaces and whatever is attached to them. */
    @Override
    public void close() {
        if (OPEN.remove(this)) {
            Commands.run("ip", "netns", "delete", name);
        }
    }
}
