package net.sniproxy.proxy.datapath.splice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
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
 * Notes as bytes: numbers in big-endian order, addresses and texts behind a byte with their length. The longest name has room in
 * any case, and so has a target that is this name. Protocols that do not fit are left out; another target that does not fit is cut,
 * which its end tells.
 */
final class NoteCodec {
    /** With the kernel's own header of an entry, 512. */
    static final int BYTES = 448;

    static final DataLayout LAYOUT = new ArrayLayout(IntegerLayout.U8, BYTES);
    private static final int LONGEST_TEXT = 255;
    /** At the end of what was cut. */
    private static final String CUT = "…";

    private static final int CUT_BYTES = 3;
    /** In place of the server name in a target; no text has it of its own. */
    private static final String NAME = "\0";

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
        String name = note.name().orElse("");
        putText(bytes, name);
        putProtocols(bytes, note.alpn());
        putText(bytes, shortened(note.target(), name));
        return bytes.array();
    }

    private static void putAddress(ByteBuffer bytes, InetSocketAddress address) {
        byte[] raw = address.getAddress().getAddress();
        bytes.put((byte) raw.length).put(raw).putShort((short) address.getPort());
    }

    /** The first ones of them: half a protocol would be another one. */
    private static void putProtocols(ByteBuffer bytes, List<String> protocols) {
        int room = room(bytes);
        String fitting = "";
        for (String protocol : protocols) {
            String longer = fitting.isEmpty() ? protocol : fitting + "," + protocol;
            if (longer.getBytes(StandardCharsets.UTF_8).length > room) {
                break;
            }
            fitting = longer;
        }
        putText(bytes, fitting);
    }

    private static void putText(ByteBuffer bytes, String text) {
        if (bytes.hasRemaining()) {
            byte[] fitting = fitting(text, room(bytes));
            bytes.put((byte) fitting.length).put(fitting);
        }
    }

    /** Behind the byte with the length. */
    private static int room(ByteBuffer bytes) {
        return Math.min(LONGEST_TEXT, Math.max(0, bytes.remaining() - 1));
    }

    private static byte[] fitting(String text, int room) {
        byte[] whole = text.getBytes(StandardCharsets.UTF_8);
        if (whole.length <= room) {
            return whole;
        }
        if (room < CUT_BYTES) {
            return new byte[0];
        }
        ByteBuffer cut = ByteBuffer.allocate(room - CUT_BYTES);
        // Stops before the first character that has no room.
        StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text), cut, true);
        String kept = StandardCharsets.UTF_8.decode(cut.flip()).toString();
        return (kept + CUT).getBytes(StandardCharsets.UTF_8);
    }

    private static String shortened(String target, String name) {
        return !name.isEmpty() && target.startsWith(name) ? NAME + target.substring(name.length()) : target;
    }

    private static String lengthened(String target, String name) {
        return target.startsWith(NAME) ? name + target.substring(NAME.length()) : target;
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
        String target = lengthened(text(bytes), name);
        return new ConnectionNote(
                acceptedAt,
                listener,
                peer,
                client,
                upstream,
                named ? Optional.of(name) : Optional.empty(),
                alpn.isEmpty() ? List.of() : List.of(alpn.split(",")),
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
