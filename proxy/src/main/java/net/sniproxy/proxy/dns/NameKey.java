package net.sniproxy.proxy.dns;

import java.net.InetAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.kernel.DnsHashKey;
import net.sniproxy.kernel.DnsName;
import net.sniproxy.kernel.SipHash;

/** How names become keys of {@code DNS_CACHE}, for one address family: see {@link net.sniproxy.kernel.DnsMaps}. Immutable. */
final class NameKey {
    static final int IPV4 = 4;
    static final int IPV6 = 6;

    /** RFC 1035 section 2.3.4, without the last dot. */
    private static final int LONGEST_NAME = 253;

    private static final int MOST_ADDRESSES = 16;

    private final DnsHashKey secret;
    private final int family;

    NameKey(DnsHashKey secret, int family) {
        this.secret = secret;
        this.family = family;
    }

    /** Whether a name can be in the cache: ASCII that is not too long. */
    static boolean fits(String name) {
        int length = length(name);
        boolean ascii = length > 0 && length <= LONGEST_NAME;
        for (int i = 0; ascii && i < length; i++) {
            ascii = name.charAt(i) < 0x80;
        }
        return ascii;
    }

    private static int length(String name) {
        return name.endsWith(".") ? name.length() - 1 : name.length();
    }

    /** Whether two names are the same, upper and lower case and the last dot aside. */
    static boolean same(String a, String b) {
        int length = length(a);
        return length == length(b) && a.regionMatches(true, 0, b, 0, length);
    }

    /** The key of a name that fits. */
    long of(String name, RecordBuffers buffers) {
        int length = length(name);
        Buffer message = buffers.message();
        long word = 0;
        for (int i = 0; i < length; i++) {
            word |= lowerCase(name.charAt(i)) << Byte.SIZE * (i % Long.BYTES);
            if (i % Long.BYTES == Long.BYTES - 1) {
                message.setU64(i - i % Long.BYTES, inMemory(word));
                word = 0;
            }
        }
        word |= (long) family << Byte.SIZE * (length % Long.BYTES);
        message.setU64(length - length % Long.BYTES, inMemory(word));
        // A message that fills its last word is followed by one of zeros.
        int end = length + 1;
        if (end % Long.BYTES == 0 && end < SipHash.BUFFER) {
            message.setU64(end, 0);
        }
        return SipHash.hash(message, end, secret.key0(), secret.key1());
    }

    private static long lowerCase(char letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
    }

    /** A word whose first byte in memory is the lowest of {@code word}. */
    private static long inMemory(long word) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? word : Long.reverseBytes(word);
    }

    /** What stands beside the record of a name. */
    static DnsName describe(String name, long timestamp, List<InetAddress> addresses, int addressBytes) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[DnsName.ADDRESS_BYTES];
        int count = Math.min(addresses.size(), MOST_ADDRESSES);
        for (int i = 0; i < count; i++) {
            System.arraycopy(addresses.get(i).getAddress(), 0, bytes, i * addressBytes, addressBytes);
        }
        return new DnsName(timestamp, (byte) text.length, (byte) count, Arrays.copyOf(text, DnsName.NAME_BYTES), bytes);
    }

    /** The name that {@link #describe} wrote. */
    static String text(DnsName stored) {
        return new String(stored.name(), 0, stored.nameLength() & 0xff, StandardCharsets.US_ASCII);
    }
}
