package net.sniproxy.bpf.program;

import java.lang.foreign.Arena;
import net.sniproxy.bpf.sys.Attributes;

/**
 * What the kernel knows of a program ({@code struct bpf_prog_info}).
 *
 * @param type number of its type
 * @param id unique in the system until the program is gone
 * @param name its first 15 characters
 * @param jitedBytes size of the machine code; 0 if the JIT compiler is off
 * @param instructions 8-byte slots after the verifier's rewriting
 * @param verifiedInstructions how many the verifier walked, over all paths; 0 before Linux 5.16
 * @param runTimeNanos time spent in it while statistics were on
 * @param runCount how often it ran while statistics were on
 * @param recursionMisses how often it was not run because it was running already
 */
public record ProgramInfo(
        int type,
        int id,
        String name,
        int jitedBytes,
        int instructions,
        int verifiedInstructions,
        long runTimeNanos,
        long runCount,
        long recursionMisses) {
    private static final int SIZE = 232;
    private static final int TYPE = 0;
    private static final int ID = 4;
    private static final int JITED_BYTES = 16;
    private static final int TRANSLATED_BYTES = 20;
    private static final int NAME = 64;
    private static final int RUN_TIME = 192;
    private static final int RUN_COUNT = 200;
    private static final int RECURSION_MISSES = 208;
    private static final int VERIFIED_INSTRUCTIONS = 216;
    private static final int SLOT_BYTES = 8;

    static Attributes allocate(Arena arena) {
        return Attributes.of(arena, SIZE);
    }

    static ProgramInfo of(Attributes info) {
        return new ProgramInfo(
                info.getInt(TYPE),
                info.getInt(ID),
                info.getName(NAME),
                info.getInt(JITED_BYTES),
                info.getInt(TRANSLATED_BYTES) / SLOT_BYTES,
                info.getInt(VERIFIED_INSTRUCTIONS),
                info.getLong(RUN_TIME),
                info.getLong(RUN_COUNT),
                info.getLong(RECURSION_MISSES));
    }
}
