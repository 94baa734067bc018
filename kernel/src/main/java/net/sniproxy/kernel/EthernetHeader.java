package net.sniproxy.kernel;

import net.sniproxy.bpf.compiler.lang.Packet;
import net.sniproxy.bpf.compiler.lang.PacketEnd;
import net.sniproxy.bpf.layout.Struct;
import net.sniproxy.bpf.layout.Unsigned;

/** The Ethernet header of a frame, with up to two VLAN tags (802.1Q, and 802.1ad around it). */
@Struct
final class EthernetHeader {
    static final int IPV4 = 0x0800;
    static final int IPV6 = 0x86dd;

    private static final int VLAN = 0x8100;
    private static final int SERVICE_VLAN = 0x88a8;
    /** Bytes without tags. */
    static final int LENGTH = 14;

    private static final int TYPE = 12;
    private static final int TAG_LENGTH = 4;
    private static final int TYPE_IN_TAG = 2;
    private static final int MAX_TAGS = 2;

    /** What follows the header: {@link #IPV4}, {@link #IPV6} or another EtherType. */
    @Unsigned
    int type;

    /** Bytes of the header, tags included. */
    @Unsigned
    int length;

    /** Reads the header; false when the frame ends within it. */
    boolean parse(Packet frame, PacketEnd end) {
        if (!end.covers(frame, LENGTH)) {
            return false;
        }
        type = frame.u16be(TYPE);
        length = LENGTH;
        for (int tags = 0; tags < MAX_TAGS && isTag(type); tags++) {
            Packet tag = frame.plus(length);
            if (!end.covers(tag, TAG_LENGTH)) {
                return false;
            }
            type = tag.u16be(TYPE_IN_TAG);
            length += TAG_LENGTH;
        }
        return true;
    }

    private static boolean isTag(int type) {
        return type == VLAN || type == SERVICE_VLAN;
    }
}
