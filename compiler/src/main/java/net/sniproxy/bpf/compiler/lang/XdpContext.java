package net.sniproxy.bpf.compiler.lang;

/** The context of an XDP program ({@code struct xdp_md}): one frame, from its Ethernet header on. */
public final class XdpContext {
    private final PacketMemory memory;
    private final int ingressIfindex;

    private XdpContext(byte[] frame, int ingressIfindex) {
        this.memory = new PacketMemory(frame);
        this.ingressIfindex = ingressIfindex;
    }

    /** A frame for the JVM run that came in on interface 1. */
    public static XdpContext ofFrame(byte[] frame) {
        return new XdpContext(frame, 1);
    }

    /** The first byte. */
    @Ctx(offset = 0, size = 4)
    public Packet data() {
        return new Packet(memory);
    }

    /** The end. */
    @Ctx(offset = 4, size = 4)
    public PacketEnd dataEnd() {
        return new PacketEnd(memory);
    }

    /** The interface that the frame came in on. */
    @Ctx(offset = 12, size = 4)
    public int ingressIfindex() {
        return ingressIfindex;
    }

    /** The frame as it is now; for tests. */
    public byte[] frame() {
        return memory.bytes().clone();
    }
}
