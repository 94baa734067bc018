package net.sniproxy.bpf.compiler.lang;

import java.util.Arrays;

/** The bytes behind packet pointers on the JVM, with the two facts that the verifier tracks about them. */
final class PacketMemory {
    private byte[] bytes;
    /** Bytes from the start that a bound check of this epoch has proven to be there. */
    private int checked;
    /** Grows whenever a helper may have moved the packet; older pointers are dead. */
    private int epoch;

    PacketMemory(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return bytes.length;
    }

    int epoch() {
        return epoch;
    }

    boolean check(int end, int pointerEpoch) {
        requireLive(pointerEpoch);
        boolean covered = end <= bytes.length;
        if (covered) {
            checked = Math.max(checked, end);
        }
        return covered;
    }

    void invalidate() {
        epoch++;
        checked = 0;
    }

    /** Cuts or extends (with zeroes) and invalidates. */
    void resize(int length) {
        bytes = Arrays.copyOf(bytes, length);
        invalidate();
    }

    void requireLive(int pointerEpoch) {
        if (pointerEpoch != epoch) {
            throw new KernelRuleViolation("packet pointer used after a helper call that may move the packet:"
                    + " read data() and dataEnd() again and repeat the bound check");
        }
    }

    void requireChecked(int offset, int size, int pointerEpoch) {
        requireLive(pointerEpoch);
        if (offset < 0 || offset + size > checked) {
            throw new KernelRuleViolation("bytes " + offset + ".." + (offset + size - 1)
                    + " of the packet are not covered by a bound check, which reaches " + checked + " bytes");
        }
    }
}
