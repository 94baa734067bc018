package net.sniproxy.bpf.compiler.lang;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The context of a TC classifier ({@code struct __sk_buff}): one packet, from its Ethernet header on. Only its linear
 * part lies between {@link #data} and {@link #dataEnd}; {@link #loadBytes} reaches all of it.
 */
public final class TcContext {
    /** In the flags of {@link #replaceL4Checksum}: the changed bytes belong to the pseudo header too. */
    public static final long PSEUDO_HEADER = 0x10;

    private final PacketMemory memory;
    private final int ifindex;
    private int mark;
    private boolean tagged;

    private TcContext(byte[] frame, int ifindex) {
        this.memory = new PacketMemory(frame);
        this.ifindex = ifindex;
    }

    /** A frame for the JVM run that came in on interface 1. */
    public static TcContext ofFrame(byte[] frame) {
        return new TcContext(frame, 1);
    }

    /** Bytes from the Ethernet header on, also those that are not linear; more than 65549 for a large GSO packet. */
    @Ctx(offset = 0, size = 4)
    public int len() {
        return memory.length();
    }

    /** The packet's mark. */
    @Ctx(offset = 8, size = 4)
    public int mark() {
        return mark;
    }

    /** Sets the packet's mark. */
    @Ctx(offset = 8, size = 4)
    public void setMark(int value) {
        mark = value;
    }

    /** The interface that the packet came in on. */
    @Ctx(offset = 36, size = 4)
    public int ingressIfindex() {
        return ifindex;
    }

    /** The interface whose hook runs. */
    @Ctx(offset = 40, size = 4)
    public int ifindex() {
        return ifindex;
    }

    /** 1 when the kernel took a VLAN tag out of the packet. */
    @Ctx(offset = 20, size = 4)
    public int vlanPresent() {
        return tagged ? 1 : 0;
    }

    /** The first byte. */
    @Ctx(offset = 76, size = 4)
    public Packet data() {
        return new Packet(memory);
    }

    /** The end of the linear bytes. */
    @Ctx(offset = 80, size = 4)
    public PacketEnd dataEnd() {
        return new PacketEnd(memory);
    }

    /**
     * Copies bytes out of the packet.
     *
     * @param offset from the Ethernet header
     * @param to where to
     * @param length 1 to the buffer's size, bounded in a way the verifier follows
     * @return 0, or {@link Errno#EFAULT} when the packet is shorter
     */
    @Helper(26)
    public int loadBytes(int offset, Buffer to, int length) {
        byte[] target = to.bytes(length);
        if (!within(offset, length)) {
            Arrays.fill(target, 0, length, (byte) 0);
            return Errno.EFAULT;
        }
        System.arraycopy(memory.bytes(), offset, target, 0, length);
        return 0;
    }

    /**
     * Copies bytes into the packet; checksums are left alone.
     *
     * @param offset from the Ethernet header
     * @param from where from
     * @param length 1 to the buffer's size, bounded in a way the verifier follows
     * @param flags 0
     * @return 0, or {@link Errno#EFAULT} when the packet is shorter
     */
    @Helper(value = 9, invalidatesPackets = true)
    public int storeBytes(int offset, Buffer from, int length, long flags) {
        memory.invalidate();
        byte[] source = from.bytes(length);
        if (!within(offset, length)) {
            return Errno.EFAULT;
        }
        System.arraycopy(source, 0, memory.bytes(), offset, length);
        return 0;
    }

    /**
     * Mends the IPv4 header checksum after {@code from} became {@code to}.
     *
     * @param offset of the checksum, from the Ethernet header
     * @param from the old bytes as they lie in memory
     * @param to the new ones
     * @param flags how many bytes changed: 2 or 4
     * @return 0 or one of {@link Errno}
     */
    @Helper(value = 10, invalidatesPackets = true)
    public int replaceL3Checksum(int offset, long from, long to, long flags) {
        return replaceChecksum(offset, from, to, (int) flags);
    }

    /**
     * Mends a TCP checksum after {@code from} became {@code to}, also where hardware will complete it.
     *
     * @param offset of the checksum, from the Ethernet header
     * @param from the old bytes as they lie in memory
     * @param to the new ones; a sum of {@link Kernel#checksumDifference} when {@code flags} names 0 bytes
     * @param flags how many bytes changed, 0, 2 or 4, and {@link #PSEUDO_HEADER}
     * @return 0 or one of {@link Errno}
     */
    @Helper(value = 11, invalidatesPackets = true)
    public int replaceL4Checksum(int offset, long from, long to, long flags) {
        return replaceChecksum(offset, from, to, (int) flags & 0xf);
    }

    /**
     * Puts a VLAN tag on, beside the packet where there is none yet: as the kernel keeps the tag of a packet that has
     * arrived. On the JVM only that can be shown.
     *
     * @param protocol 0x8100 or 0x88a8, network order as in memory
     * @param id of the VLAN
     * @return 0 or one of {@link Errno}
     */
    @Helper(value = 18, invalidatesPackets = true)
    public int pushVlan(int protocol, int id) {
        memory.invalidate();
        if (tagged) {
            throw new KernelRuleViolation("a second VLAN tag would go into the frame, which the JVM does not show");
        }
        tagged = true;
        return 0;
    }

    /** Takes the outermost VLAN tag off. */
    @Helper(value = 19, invalidatesPackets = true)
    public int popVlan() {
        memory.invalidate();
        tagged = false;
        return 0;
    }

    /**
     * Sends a copy of the packet by an interface, or into it; on the JVM there is none.
     *
     * @param flags 0 to send, 1 ({@code BPF_F_INGRESS}) as if it had arrived there
     * @return 0 or one of {@link Errno}
     */
    @Helper(value = 13, invalidatesPackets = true)
    public int cloneRedirect(int ifindex, long flags) {
        memory.invalidate();
        return 0;
    }

    /** Makes at least {@code length} bytes linear. */
    @Helper(value = 39, invalidatesPackets = true)
    public int pullData(int length) {
        memory.invalidate();
        return 0;
    }

    /** Cuts or extends the packet to {@code length} bytes. */
    @Helper(value = 38, invalidatesPackets = true)
    public int changeTail(int length, long flags) {
        memory.resize(length);
        return 0;
    }

    /** The frame as it is now; for tests. */
    public byte[] frame() {
        return memory.bytes().clone();
    }

    private boolean within(int offset, int length) {
        return offset >= 0 && offset <= 0xffff && offset + length <= memory.length();
    }

    private int replaceChecksum(int offset, long from, long to, int size) {
        memory.invalidate();
        if (!within(offset, 2) || offset % 2 != 0) {
            return Errno.EFAULT;
        }
        ByteBuffer frame = ByteBuffer.wrap(memory.bytes()).order(ByteOrder.nativeOrder());
        int field = frame.getShort(offset) & 0xffff;
        switch (size) {
            case 0 -> frame.putShort(offset, (short) Checksums.replace(field, -1, (int) to));
            case 2 -> frame.putShort(offset, (short) Checksums.replace(field, (int) from & 0xffff, (int) to & 0xffff));
            case 4 -> frame.putShort(offset, (short) Checksums.replace(field, (int) from, (int) to));
            default -> {
                return Errno.EINVAL;
            }
        }
        return 0;
    }
}
