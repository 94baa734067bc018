package net.sniproxy.proxy.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.DelegatingHandle;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Receive buffers that adapt to what arrives, and are refused while auto-read is off.
 *
 * <p>When the peer has sent its FIN, Netty's epoll transport reads the socket to its end whatever auto-read says: all that the
 * kernel holds, megabytes for each connection, would pile up in front of a slow receiver. The allocation of the next buffer is
 * the one place where that loop can be left; it does so with {@link Paused}, which a handler sees in {@code exceptionCaught}
 * and ignores. Reading goes on where it stopped when auto-read is switched on.
 */
public final class BoundedReads implements RecvByteBufAllocator {
    /** The largest buffer that is read into. */
    public static final int LARGEST_READ = 65_536;

    private static final int SMALLEST_READ = 512;
    private static final int FIRST_READ = 2_048;
    private static final int READS_IN_A_ROW = 8;

    private final AdaptiveRecvByteBufAllocator sizes =
            new AdaptiveRecvByteBufAllocator(SMALLEST_READ, FIRST_READ, LARGEST_READ);

    /** For any number of channels. */
    public BoundedReads() {
        sizes.maxMessagesPerRead(READS_IN_A_ROW);
    }

    @Override
    @SuppressWarnings("deprecation") // The interface has no other way.
    public Handle newHandle() {
        return new BoundedHandle((ExtendedHandle) sizes.newHandle());
    }

    /** Says that reading stopped because auto-read is off; nothing is wrong. */
    public static final class Paused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private static final Paused INSTANCE = new Paused();

        private Paused() {
            super("auto-read is off", null, false, false);
        }
    }

    private static final class BoundedHandle extends DelegatingHandle implements ExtendedHandle {
        private @Nullable ChannelConfig config;

        private BoundedHandle(ExtendedHandle sizes) {
            super(sizes);
        }

        @Override
        public void reset(ChannelConfig config) {
            this.config = config;
            super.reset(config);
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            if (config != null && !config.isAutoRead()) {
                throw Paused.INSTANCE;
            }
            return super.allocate(allocator);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return ((ExtendedHandle) delegate()).continueReading(maybeMore);
        }
    }
}
