package net.sniproxy.bpf.link;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.link.Xdp.XdpOnInterface;

/**
 * Asks and changes what the kernel attaches to interfaces by rtnetlink(7): XDP programs, and classifiers of the queueing
 * discipline clsact. Numbers from linux/rtnetlink.h, linux/if_link.h and linux/pkt_sched.h.
 */
final class RouteSocket implements AutoCloseable {
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWQDISC = 36;
    private static final int RTM_DELQDISC = 37;
    private static final int RTM_NEWTFILTER = 44;
    private static final int RTM_DELTFILTER = 45;
    private static final int RTM_GETTFILTER = 46;

    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_XDP = 43;
    private static final int IFLA_XDP_ATTACHED = 2;
    private static final int IFLA_XDP_PROG_ID = 4;
    /** {@code struct ifinfomsg}. */
    private static final int INTERFACE_HEADER = 16;

    private static final int INTERFACE_INDEX = 4;

    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_BPF_FD = 6;
    private static final int TCA_BPF_NAME = 7;
    private static final int TCA_BPF_FLAGS = 8;
    private static final int TCA_BPF_ID = 11;
    /** The program's return value is the verdict. */
    private static final int TCA_BPF_FLAG_ACT_DIRECT = 1;

    private static final int TRAFFIC_HEADER = 20;
    private static final int TC_H_CLSACT = 0xfffffff1;
    private static final int CLSACT_HANDLE = 0xffff0000;
    /** All protocols (ETH_P_ALL), in network byte order. */
    private static final int ALL_PROTOCOLS = 0x0300;

    private static final int ACKNOWLEDGED = NetlinkMessage.NLM_F_REQUEST | NetlinkMessage.NLM_F_ACK;
    private static final int CREATE = ACKNOWLEDGED | NetlinkMessage.NLM_F_CREATE;

    private static final NetlinkAttributes NO_OPTIONS = new NetlinkAttributes(ByteBuffer.allocate(0));

    private final Netlink netlink;

    private RouteSocket(Netlink netlink) {
        this.netlink = netlink;
    }

    static RouteSocket open(Kernel kernel) {
        return new RouteSocket(Netlink.open(kernel));
    }

    /** All interfaces, by index. */
    List<NetworkDevice> devices() {
        int all = NetlinkMessage.NLM_F_REQUEST | NetlinkMessage.NLM_F_DUMP;
        return netlink.ask(link(all, 0), "interfaces").stream()
                .map(RouteSocket::device)
                .sorted(Comparator.comparingInt(NetworkDevice::index))
                .toList();
    }

    /** One interface. Fails with ENODEV if there is none. */
    NetworkDevice device(int index) {
        String what = "interface " + index;
        return netlink.ask(link(ACKNOWLEDGED, index), what).stream()
                .map(RouteSocket::device)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("netlink tells nothing of " + what));
    }

    private static NetworkDevice device(ByteBuffer answer) {
        String name = attributes(answer, INTERFACE_HEADER).text(IFLA_IFNAME).orElse("");
        return new NetworkDevice(answer.getInt(INTERFACE_INDEX), name);
    }

    private static NetlinkMessage link(int flags, int index) {
        return new NetlinkMessage(RTM_GETLINK, flags)
                .putInt(0)
                .putInt(index)
                .putInt(0)
                .putInt(0);
    }

    /** The XDP program of an interface. */
    Optional<XdpOnInterface> xdp(int index) {
        for (ByteBuffer answer : netlink.ask(link(ACKNOWLEDGED, index), "interface " + index)) {
            Optional<NetlinkAttributes> xdp =
                    attributes(answer, INTERFACE_HEADER).nest(IFLA_XDP);
            int attached = xdp.flatMap(found -> found.number(IFLA_XDP_ATTACHED)).orElse(0);
            int program = xdp.flatMap(found -> found.number(IFLA_XDP_PROG_ID)).orElse(0);
            for (XdpMode mode : XdpMode.values()) {
                if (mode.attached() == attached) {
                    return Optional.of(new XdpOnInterface(mode, program));
                }
            }
        }
        return Optional.empty();
    }

    /** Gives an interface the queueing discipline clsact. Fails with EEXIST if it has one. */
    void addClsact(int index) {
        NetlinkMessage request =
                traffic(RTM_NEWQDISC, CREATE | NetlinkMessage.NLM_F_EXCL, index, CLSACT_HANDLE, TC_H_CLSACT, 0);
        netlink.ask(request.attribute(TCA_KIND, "clsact"), "clsact on interface " + index);
    }

    void deleteClsact(int index) {
        NetlinkMessage request = traffic(RTM_DELQDISC, ACKNOWLEDGED, index, CLSACT_HANDLE, TC_H_CLSACT, 0);
        netlink.ask(request, "clsact on interface " + index);
    }

    /** Adds a classifier, or puts another program into the one of this priority and handle. */
    void setFilter(FilterPlace place, int program, String name, boolean replace) {
        int flags = CREATE | (replace ? NetlinkMessage.NLM_F_REPLACE : NetlinkMessage.NLM_F_EXCL);
        NetlinkMessage request = traffic(RTM_NEWTFILTER, flags, place).attribute(TCA_KIND, "bpf");
        int options = request.beginNest(TCA_OPTIONS);
        request.attribute(TCA_BPF_FD, program)
                .attribute(TCA_BPF_NAME, name)
                .attribute(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT)
                .endNest(options);
        netlink.ask(request, "classifier " + name + " on " + place);
    }

    void deleteFilter(FilterPlace place) {
        NetlinkMessage request = traffic(RTM_DELTFILTER, ACKNOWLEDGED, place).attribute(TCA_KIND, "bpf");
        netlink.ask(request, "classifier on " + place);
    }

    /** The classifiers of one direction, with their programs. */
    List<Filter> filters(int index, Direction direction) {
        NetlinkMessage question = traffic(
                RTM_GETTFILTER,
                NetlinkMessage.NLM_F_REQUEST | NetlinkMessage.NLM_F_DUMP,
                index,
                0,
                direction.clsactParent(),
                0);
        List<Filter> filters = new ArrayList<>();
        for (ByteBuffer answer : netlink.ask(question, "classifiers of interface " + index)) {
            NetlinkAttributes options =
                    attributes(answer, TRAFFIC_HEADER).nest(TCA_OPTIONS).orElse(NO_OPTIONS);
            options.number(TCA_BPF_ID).ifPresent(id -> {
                int priority = answer.getInt(16) >>> 16;
                FilterPlace place = new FilterPlace(index, direction, priority, answer.getInt(8));
                filters.add(new Filter(place, id, options.text(TCA_BPF_NAME).orElse("")));
            });
        }
        return filters;
    }

    private static NetlinkMessage traffic(int type, int flags, FilterPlace place) {
        int priorityAndProtocol = place.priority() << 16 | ALL_PROTOCOLS;
        return traffic(
                type, flags, place.index(), place.handle(), place.direction().clsactParent(), priorityAndProtocol);
    }

    /** {@code struct tcmsg}. */
    private static NetlinkMessage traffic(int type, int flags, int index, int handle, int parent, int info) {
        return new NetlinkMessage(type, flags)
                .putInt(0)
                .putInt(index)
                .putInt(handle)
                .putInt(parent)
                .putInt(info);
    }

    private static NetlinkAttributes attributes(ByteBuffer body, int header) {
        if (body.remaining() < header) {
            throw new IllegalStateException("netlink answer of " + body.remaining() + " bytes, at least " + header);
        }
        return new NetlinkAttributes(body.slice(header, body.remaining() - header));
    }

    @Override
    public void close() {
        netlink.close();
    }

    /**
     * Which classifier of an interface is meant.
     *
     * @param priority classifiers run in ascending order of it
     * @param handle tells those of one priority apart
     */
    record FilterPlace(int index, Direction direction, int priority, int handle) {
        @Override
        public String toString() {
            return "interface " + index + " " + direction + ", priority " + priority;
        }
    }

    /** A classifier and its program. */
    record Filter(FilterPlace place, int programId, String name) {}
}
