package net.sniproxy.bpf.link;

/** Where an XDP program runs. */
public enum XdpMode {
    /** In the driver; not every driver can. */
    NATIVE(1 << 2, 1),
    /** In the network stack, for every interface, but after the packet was copied into a socket buffer. */
    GENERIC(1 << 1, 2),
    /** On the network card. */
    OFFLOAD(1 << 3, 3);

    private final int flag;
    private final int attached;

    XdpMode(int flag, int attached) {
        this.flag = flag;
        this.attached = attached;
    }

    /** The flag that asks for this mode ({@code XDP_FLAGS_...} in linux/if_link.h). */
    int flag() {
        return flag;
    }

    /** The number that says it is in force ({@code XDP_ATTACHED_...}). */
    int attached() {
        return attached;
    }
}
