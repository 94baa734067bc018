package net.sniproxy.bpf.link;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import net.sniproxy.bpf.sys.Attributes;

/**
 * What the kernel knows of a link ({@code struct bpf_link_info}).
 *
 * @param type its kind
 * @param id unique in the system until the link is gone
 * @param programId the program that it attaches now
 * @param target where
 */
public record LinkInfo(LinkType type, int id, int programId, Target target) {
    private static final int SIZE = 64;
    private static final int TYPE = 0;
    private static final int ID = 4;
    private static final int PROGRAM = 8;
    private static final int FIRST = 16;
    private static final int SECOND = 20;
    private static final int AFTER_ADDRESS = 24;
    private static final int TRACEPOINT_NAME_SIZE = 128;

    /** Where a link attaches its program. */
    public sealed interface Target {
        /** An interface of the network namespace that the link was made in; index 0 once it is gone. */
        record Interface(int index) implements Target {}

        /** An interface, with the number of the attach type: incoming or outgoing packets. */
        record InterfaceDirection(int index, int attachType) implements Target {}

        /** A cgroup, by the number of its directory's inode. */
        record Cgroup(long id, int attachType) implements Target {}

        /** A map of sockets. */
        record Sockmap(int mapId, int attachType) implements Target {}

        /** A tracepoint or function of the kernel, by its id in the kernel's BTF. */
        record KernelType(int btfId, int attachType) implements Target {}

        /** A tracepoint of the kernel. */
        record Tracepoint(String name) implements Target {}

        /** A place that this toolkit does not attach to. */
        record Other() implements Target {}
    }

    /**
     * Reads what the kernel knows.
     *
     * @param fill asks the kernel to fill a struct
     */
    static LinkInfo read(Arena arena, Consumer<Attributes> fill) {
        Attributes info = Attributes.of(arena, SIZE);
        fill.accept(info);
        LinkType type = LinkType.of(info.getInt(TYPE));
        Target target = type == LinkType.RAW_TRACEPOINT ? tracepoint(arena, fill) : target(type, info);
        return new LinkInfo(type, info.getInt(ID), info.getInt(PROGRAM), target);
    }

    /** The kernel writes the name of a tracepoint where it is told to: a question of its own. */
    private static Target tracepoint(Arena arena, Consumer<Attributes> fill) {
        MemorySegment name = arena.allocate(TRACEPOINT_NAME_SIZE);
        fill.accept(Attributes.of(arena, SIZE).putAddress(FIRST, name).putInt(AFTER_ADDRESS, TRACEPOINT_NAME_SIZE));
        return new Target.Tracepoint(name.getString(0));
    }

    private static Target target(LinkType type, Attributes info) {
        return switch (type) {
            case XDP -> new Target.Interface(info.getInt(FIRST));
            case TCX -> new Target.InterfaceDirection(info.getInt(FIRST), info.getInt(SECOND));
            case CGROUP -> new Target.Cgroup(info.getLong(FIRST), info.getInt(AFTER_ADDRESS));
            case SOCKMAP -> new Target.Sockmap(info.getInt(FIRST), info.getInt(SECOND));
            case TRACING -> new Target.KernelType(info.getInt(AFTER_ADDRESS), info.getInt(FIRST));
            default -> new Target.Other();
        };
    }
}
