package net.sniproxy.proxy.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import net.sniproxy.proxy.config.RouteConfig.ProxyVersion;

/** The PROXY protocol: who the client is, in front of the connection's own bytes. */
final class ProxyHeaders {
    /** A version 2 header may carry 64 KiB of extensions; nobody sends more than a certificate's names. */
    private static final int MOST_EXTENSION_BYTES = 4096;

    private ProxyHeaders() {}

    /** Reads one header, then removes itself. */
    static HAProxyMessageDecoder decoder() {
        return new HAProxyMessageDecoder(MOST_EXTENSION_BYTES);
    }

    /** Both ends of the connection that a header tells of. */
    record Ends(InetSocketAddress client, InetSocketAddress destination) {}

    /** The ends that a header names; empty where it is about the peer itself (LOCAL, UNKNOWN) or not about TCP. */
    static Optional<Ends> ends(HAProxyMessage header) {
        boolean tcp = header.proxiedProtocol() == HAProxyProxiedProtocol.TCP4
                || header.proxiedProtocol() == HAProxyProxiedProtocol.TCP6;
        if (header.command() != HAProxyCommand.PROXY || !tcp) {
            return Optional.empty();
        }
        InetAddress client = NetUtil.createInetAddressFromIpAddressString(header.sourceAddress());
        InetAddress destination = NetUtil.createInetAddressFromIpAddressString(header.destinationAddress());
        if (client == null || destination == null) {
            return Optional.empty();
        }
        return Optional.of(new Ends(
                new InetSocketAddress(client, header.sourcePort()),
                new InetSocketAddress(destination, header.destinationPort())));
    }

    /** The header for a connection from a client to the address it connected to. */
    static ByteBuf encode(ProxyVersion version, InetSocketAddress client, InetSocketAddress destination) {
        boolean ipv4 = isIpv4(client) && isIpv4(destination);
        var message = new HAProxyMessage(
                version == ProxyVersion.V1 ? HAProxyProtocolVersion.V1 : HAProxyProtocolVersion.V2,
                HAProxyCommand.PROXY,
                ipv4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
                text(client, ipv4),
                text(destination, ipv4),
                client.getPort(),
                destination.getPort());
        var encoder = new EmbeddedChannel(HAProxyMessageEncoder.INSTANCE);
        try {
            encoder.writeOutbound(message);
            ByteBuf encoded = encoder.readOutbound();
            return encoded == null ? Unpooled.EMPTY_BUFFER : encoded;
        } finally {
            encoder.finishAndReleaseAll();
        }
    }

    private static boolean isIpv4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }

    /** Where the families differ both are written as IPv6 (RFC 4291 section 2.5.5.2); without a zone, which is local. */
    private static String text(InetSocketAddress address, boolean ipv4) {
        byte[] bytes = address.getAddress().getAddress();
        if (ipv4 || bytes.length == 16) {
            return NetUtil.bytesToIpAddress(bytes);
        }
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        try {
            return Inet6Address.getByAddress("", mapped, -1).getHostAddress();
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
