package net.sniproxy.bpf.compiler.lang;

import java.nio.ByteOrder;
import net.sniproxy.bpf.compiler.lang.Intrinsic.Operation;

/** Between the machine's byte order and the network's; each conversion is its own inverse. */
public final class ByteOrders {
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private ByteOrders() {}

    /** The low two bytes converted; the result is 0 to 65535. */
    @Intrinsic(value = Operation.NETWORK_ORDER, size = 2)
    public static int network16(int value) {
        return (SWAP ? Short.reverseBytes((short) value) : value) & 0xffff;
    }

    /** Four bytes converted. */
    @Intrinsic(value = Operation.NETWORK_ORDER, size = 4)
    public static int network32(int value) {
        return SWAP ? Integer.reverseBytes(value) : value;
    }

    /** Eight bytes converted. */
    @Intrinsic(value = Operation.NETWORK_ORDER, size = 8)
    public static long network64(long value) {
        return SWAP ? Long.reverseBytes(value) : value;
    }
}
