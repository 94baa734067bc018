package net.sniproxy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

/** The check that all other tests rely on: it does see a leak. */
class LeakDetectionTest {
    @Test
    void shouldFindABufferThatNobodyReleased() throws InterruptedException {
        assertThat(LeakDetection.takeLeaks()).isEmpty();
        lose();
        assertThat(LeakDetection.takeLeaks())
                .as("lost buffers")
                .singleElement()
                .asString()
                .contains("ByteBuf");
        assertThat(LeakDetection.takeLeaks()).as("told once").isEmpty();
    }

    private static void lose() {
        ByteBufAllocator.DEFAULT.buffer(100).writeLong(1);
    }
}
