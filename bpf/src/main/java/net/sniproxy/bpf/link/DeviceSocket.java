package net.sniproxy.bpf.link;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.BpfException;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.sys.Errno;

/**
 * Asks what the drivers of interfaces declare, by the family "netdev" of generic netlink. Numbers from
 * linux/genetlink.h and linux/netdev.h. Linux 6.3.
 */
final class DeviceSocket implements AutoCloseable {
    private static final String FAMILY = "netdev";
    private static final int GENL_ID_CTRL = 0x10;
    private static final byte CTRL_CMD_GETFAMILY = 3;
    private static final int CTRL_ATTR_FAMILY_ID = 1;
    private static final int CTRL_ATTR_FAMILY_NAME = 2;

    private static final byte NETDEV_CMD_DEV_GET = 1;
    private static final int NETDEV_A_DEV_IFINDEX = 1;
    private static final int NETDEV_A_DEV_XDP_FEATURES = 3;
    private static final long NETDEV_XDP_ACT_BASIC = 1;
    private static final long NETDEV_XDP_ACT_HW_OFFLOAD = 1 << 4;

    /** Command, version and two bytes that are not used. */
    private static final int GENERIC_HEADER = 4;

    private static final byte VERSION = 1;

    private final Netlink netlink;

    private DeviceSocket(Netlink netlink) {
        this.netlink = netlink;
    }

    static DeviceSocket open(Kernel kernel) {
        return new DeviceSocket(Netlink.openGeneric(kernel));
    }

    /** The modes that the driver of an interface declares, and generic mode; empty if the kernel does not tell. */
    Optional<Set<XdpMode>> xdpModes(int index) {
        return family().flatMap(family -> ask(
                        request(family, NETDEV_CMD_DEV_GET).attribute(NETDEV_A_DEV_IFINDEX, index),
                        "interface " + index))
                .flatMap(answer -> answer.longNumber(NETDEV_A_DEV_XDP_FEATURES))
                .map(DeviceSocket::modes);
    }

    private Optional<Integer> family() {
        try {
            return ask(
                            request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY).attribute(CTRL_ATTR_FAMILY_NAME, FAMILY),
                            "netlink family " + FAMILY)
                    .flatMap(answer -> answer.number(CTRL_ATTR_FAMILY_ID));
        } catch (BpfException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Optional<NetlinkAttributes> ask(NetlinkMessage request, String what) {
        List<ByteBuffer> answers = netlink.ask(request, what);
        return answers.stream()
                .findFirst()
                .filter(answer -> answer.remaining() >= GENERIC_HEADER)
                .map(answer ->
                        new NetlinkAttributes(answer.slice(GENERIC_HEADER, answer.remaining() - GENERIC_HEADER)));
    }

    private static NetlinkMessage request(int family, byte command) {
        return new NetlinkMessage(family, NetlinkMessage.NLM_F_REQUEST | NetlinkMessage.NLM_F_ACK)
                .putBytes(new byte[] {command, VERSION, 0, 0});
    }

    private static Set<XdpMode> modes(long features) {
        Set<XdpMode> modes = EnumSet.of(XdpMode.GENERIC);
        if ((features & NETDEV_XDP_ACT_BASIC) != 0) {
            modes.add(XdpMode.NATIVE);
        }
        if ((features & NETDEV_XDP_ACT_HW_OFFLOAD) != 0) {
            modes.add(XdpMode.OFFLOAD);
        }
        return modes;
    }

    @Override
    public void close() {
        netlink.close();
    }
}
