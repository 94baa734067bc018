package net.sniproxy.bpf.compiler.lang;

/**
 * The end of a packet's bytes: the only thing it can do is to say whether something lies before it.
 *
 * <p>The check must dominate every load; it holds for the pointer it names and for constant distances from it.
 */
public final class PacketEnd {
    private final PacketMemory memory;
    private final int epoch;

    PacketEnd(PacketMemory memory) {
        this.memory = memory;
        this.epoch = memory.epoch();
    }

    /**
     * The bound check.
     *
     * @param from where the bytes begin
     * @param length how many there must be, a constant
     * @return whether {@code length} bytes from {@code from} lie within the packet
     */
    @Intrinsic(Intrinsic.Operation.COVERS)
    public boolean covers(Packet from, int length) {
        memory.requireLive(epoch);
        return from.checkedTo(length);
    }
}
