package net.sniproxy.proxy.server;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/** Why an address cannot be listened on, in words that say what to do. */
public final class ListenFailure {
    private ListenFailure() {}

    /** @param cause of the failed bind(2), with the text of its error number */
    public static String explain(InetSocketAddress address, Throwable cause) {
        return "cannot listen on " + NetUtil.toSocketAddressString(address) + ": "
                + reason(address.getPort(), String.valueOf(cause.getMessage()));
    }

    private static String reason(int port, String message) {
        if (message.contains("in use")) {
            return "it is in use; stop the process that has it (ss -ltnp 'sport = :" + port
                    + "'), or change listen_addr";
        }
        if (message.contains("denied")) {
            return "ports below 1024 need root or CAP_NET_BIND_SERVICE (for everyone:"
                    + " sysctl -w net.ipv4.ip_unprivileged_port_start=" + port + "), or change listen_addr";
        }
        if (message.contains("assign")) {
            return "no interface of this host has the address; change listen_addr";
        }
        return message;
    }
}
