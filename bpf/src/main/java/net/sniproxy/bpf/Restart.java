package net.sniproxy.bpf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import net.sniproxy.bpf.sys.SystemCalls;

/**
 * Starts this process's program anew, in the same process, as another user with few capabilities. All threads of the new
 * program have exactly those: a Java virtual machine that gave them up in the middle of its life could do so for one
 * thread only.
 *
 * <p>The process keeps its id, arguments, working directory, blocked signals and standard streams; every other descriptor
 * is closed. What it is from then on, {@code no_new_privs} keeps it. Linux 4.3 (ambient capabilities).
 */
public final class Restart {
    private static final Path SELF = Path.of("/proc/self");
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_RAISE = 2;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;

    private final Kernel kernel;
    private final Identity identity;

    /**
     * Who a process is, and what it may do.
     *
     * @param user its id, not 0
     * @param group its id
     * @param groups the ids of further groups
     * @param capabilities all that it has; those of them that this process lacks it will lack too
     */
    public record Identity(int user, int group, List<Integer> groups, Set<Capability> capabilities) {
        public Identity {
            groups = List.copyOf(groups);
            capabilities = Set.copyOf(capabilities);
        }
    }

    private Restart(Kernel kernel, Identity identity) {
        this.kernel = kernel;
        this.identity = identity;
    }

    /**
     * Starts the program anew; returns only by an exception. The calling thread may have lost its privileges by then, and
     * it alone: the process should end.
     *
     * @param keptVariables which environment variables, by name, the new program gets
     * @throws BpfException EPERM if this process may not change its user, or the error of any other step
     * @throws IOException if /proc cannot be read
     */
    public static void as(Kernel kernel, Identity identity, Predicate<String> keptVariables) throws IOException {
        new Restart(kernel, identity).run(keptVariables);
    }

    private void run(Predicate<String> keptVariables) throws IOException {
        Path program = Files.readSymbolicLink(SELF.resolve("exe"));
        List<String> arguments = strings(SELF.resolve("cmdline"));
        List<String> environment = strings(SELF.resolve("environ")).stream()
                .filter(variable -> keptVariables.test(variable.split("=", 2)[0]))
                .toList();
        try (Arena arena = Arena.ofConfined()) {
            become(arena);
            MemorySegment path = arena.allocateFrom(program.toString());
            check("execve", kernel.calls().execute(path, pointers(arena, arguments), pointers(arena, environment)));
        }
    }

    /** Changes the calling thread, which is the one that goes on. Capabilities survive the change of the user by request. */
    private void become(Arena arena) {
        SystemCalls calls = kernel.calls();
        check("prctl", calls.processControl(PR_SET_KEEPCAPS, 1, 0));
        MemorySegment groups =
                arena.allocate(Math.max(1, identity.groups().size()) * (long) Integer.BYTES, Integer.BYTES);
        for (int i = 0; i < identity.groups().size(); i++) {
            groups.setAtIndex(ValueLayout.JAVA_INT, i, identity.groups().get(i));
        }
        check("setgroups", calls.setGroups(identity.groups().size(), groups));
        check("setresgid", calls.setGroup(identity.group()));
        check("setresuid", calls.setUser(identity.user()));
        keepCapabilities(arena);
        check("prctl", calls.processControl(PR_SET_NO_NEW_PRIVS, 1, 0));
    }

    /** Ambient capabilities are what a program without any of its own is started with. */
    private void keepCapabilities(Arena arena) {
        Set<Capability> kept = kernel.facts()
                .capabilities()
                .map(held -> {
                    held.retainAll(identity.capabilities());
                    return held;
                })
                .orElse(identity.capabilities());
        long mask = Capability.mask(kept);
        MemorySegment header = arena.allocateFrom(ValueLayout.JAVA_INT, CAPABILITY_VERSION_3, 0);
        int low = (int) mask;
        int high = (int) (mask >>> Integer.SIZE);
        // Effective, permitted and inheritable, first the low words, then the high ones.
        MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_INT, low, low, low, high, high, high);
        check("capset", kernel.calls().setCapabilities(header, data));
        for (Capability capability : kept) {
            check("prctl", kernel.calls().processControl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability.number()));
        }
    }

    private void check(String call, int result) {
        kernel.check(call, "change to user " + identity.user(), result);
    }

    /** The strings of a file of /proc, byte for byte: each char is one byte. */
    private static List<String> strings(Path file) throws IOException {
        String all = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        List<String> strings = new ArrayList<>(List.of(all.split("\0", -1)));
        strings.removeLast(); // Each string is followed by a zero, the last one too.
        return strings;
    }

    private static MemorySegment pointers(Arena arena, List<String> strings) {
        MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, strings.size() + 1L);
        for (int i = 0; i < strings.size(); i++) {
            pointers.setAtIndex(
                    ValueLayout.ADDRESS, i, arena.allocateFrom(strings.get(i), StandardCharsets.ISO_8859_1));
        }
        return pointers;
    }
}
