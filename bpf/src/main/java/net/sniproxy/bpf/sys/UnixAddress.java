package net.sniproxy.bpf.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Addresses of unix sockets ({@code struct sockaddr_un}), in memory for bind(2) and connect(2). */
public final class UnixAddress {
    /** The address family, for socket(2). */
    public static final int AF_UNIX = 1;

    /** The type of socket(2) that sends messages one by one, closed by execve(2). */
    public static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;

    private static final int PATH = 2;
    /** {@code sun_path} has 108 bytes; one is the zero before an abstract name, or behind a path. */
    private static final int LONGEST_NAME = 107;

    private UnixAddress() {}

    /**
     * The address of a file.
     *
     * @throws IllegalArgumentException if the path is longer than 107 bytes
     */
    public static MemorySegment ofPath(Arena arena, String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_NAME) {
            throw new IllegalArgumentException("the path of a unix socket has at most 107 bytes: " + path);
        }
        return address(arena, Arrays.copyOf(bytes, bytes.length + 1));
    }

    /** The address of a name that is in no file system, cut off after 107 bytes; it belongs to a network namespace. */
    public static MemorySegment ofAbstractName(Arena arena, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, LONGEST_NAME);
        byte[] path = new byte[1 + length];
        System.arraycopy(bytes, 0, path, 1, length);
        return address(arena, path);
    }

    private static MemorySegment address(Arena arena, byte[] path) {
        MemorySegment address = arena.allocate(PATH + (long) path.length, Long.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, PATH, path.length);
        return address;
    }
}
