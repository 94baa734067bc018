package net.sniproxy.bpf.compiler.back;

import java.util.List;

/** Where the slots of a function lie below the frame pointer. */
final class FrameLayout {
    /** What a program may use, all its functions together ({@code MAX_BPF_STACK}). */
    static final int MAX_SIZE = 512;

    private final int[] offsets;
    private final int size;

    FrameLayout(List<Integer> slotSizes) {
        offsets = new int[slotSizes.size()];
        int depth = 0;
        for (int i = 0; i < offsets.length; i++) {
            depth += slotSizes.get(i);
            offsets[i] = -depth;
        }
        size = depth;
    }

    /** Bytes from r10 to the slot's start: negative, a multiple of 8. */
    int offset(int slot) {
        return offsets[slot];
    }

    /** Bytes in use. */
    int size() {
        return size;
    }
}
