package net.sniproxy.bpf.layout;

import java.util.Optional;

/**
 * A pointer as kernel programs see it: 8 bytes on every machine.
 *
 * @param target what it points to; empty for {@code void *}
 */
public record PointerLayout(Optional<DataLayout> target) implements DataLayout {
    /** {@code void *}. */
    public static final PointerLayout TO_VOID = new PointerLayout(Optional.empty());

    /** A pointer to memory of this layout. */
    public static PointerLayout to(DataLayout target) {
        return new PointerLayout(Optional.of(target));
    }

    @Override
    public int size() {
        return 8;
    }

    @Override
    public int alignment() {
        return 8;
    }
}
