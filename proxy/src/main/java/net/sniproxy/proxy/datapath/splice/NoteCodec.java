package net.sniproxy.proxy.datapath.splice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.layout.ArrayLayout;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.proxy.datapath.ConnectionNote;

/**
 * Notes as bytes: numbers in big-endian order, addresses and texts behind a byte with their length. Texts that do not fit
 * are cut, the less important ones behind the others.
 */
final class NoteCodec {
    /** With the kernel's own header of an entry, 512. */
    static final int BYTES = 448;

    static final DataLayout LAYOUT = new ArrayLayout(IntegerLayout.U8, BYTES);
    private static final int LONGEST_TEXT = 255;

    private NoteCodec() {}

    static byte[] encode(ConnectionNote note) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(note.acceptedAt().toEpochMilli());
        bytes.putLong(note.routeDigest());
        bytes.putLong(note.relayedUp());
        bytes.putLong(note.relayedDown());
        putAddress(bytes, note.listener());
        putAddress(bytes, note.peer());
        putAddress(bytes, note.client());
        putAddress(bytes, note.upstream());
        bytes.put((byte) (note.name().isPresent() ? 1 : 0));
        putText(bytes, note.name().orElse(""));
        putText(bytes, String.join(",", note.alpn()));
        putText(bytes, note.target());
        putText(bytes, note.route());
        return bytes.array();
    }

    private static void putAddress(ByteBuffer bytes, InetSocketAddress address) {
        byte[] raw = address.getAddress().getAddress();
        bytes.put((byte) raw.length).put(raw).putShort((short) address.getPort());
    }

    private static void putText(ByteBuffer bytes, String text) {
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(Math.min(raw.length, LONGEST_TEXT), Math.max(0, bytes.remaining() - 1));
        if (bytes.hasRemaining()) {
            bytes.put((byte) length).put(raw, 0, length);
        }
    }

    /** Empty if the bytes are no note. */
    static Optional<ConnectionNote> decode(byte[] raw) {
        try {
            return Optional.of(decode(ByteBuffer.wrap(raw)));
        } catch (BufferUnderflowException | UnknownHostException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static ConnectionNote decode(ByteBuffer bytes) throws UnknownHostException {
        Instant acceptedAt = Instant.ofEpochMilli(bytes.getLong());
        long routeDigest = bytes.getLong();
        long relayedUp = bytes.getLong();
        long relayedDown = bytes.getLong();
        InetSocketAddress listener = address(bytes);
        InetSocketAddress peer = address(bytes);
        InetSocketAddress client = address(bytes);
        InetSocketAddress upstream = address(bytes);
        boolean named = bytes.get() != 0;
        String name = text(bytes);
        String alpn = text(bytes);
        String target = text(bytes);
        String route = text(bytes);
        return new ConnectionNote(
                acceptedAt,
                listener,
                peer,
                client,
                upstream,
                named ? Optional.of(name) : Optional.empty(),
                alpn.isEmpty() ? List.of() : List.of(alpn.split(",")),
                route,
                routeDigest,
                target,
                relayedUp,
                relayedDown);
    }

    private static InetSocketAddress address(ByteBuffer bytes) throws UnknownHostException {
        byte[] raw = new byte[Byte.toUnsignedInt(bytes.get())];
        bytes.get(raw);
        return new InetSocketAddress(InetAddress.getByAddress(raw), Short.toUnsignedInt(bytes.getShort()));
    }

    private static String text(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return "";
        }
        byte[] raw = new byte[Byte.toUnsignedInt(bytes.get())];
        bytes.get(raw);
        return new String(raw, StandardCharsets.UTF_8);
    }
}
