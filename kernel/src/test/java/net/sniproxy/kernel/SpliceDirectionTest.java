package net.sniproxy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpliceDirectionTest {
    private static final int START = -5;

    private final SpliceDirection direction = new SpliceDirection();

    SpliceDirectionTest() {
        direction.next = START;
    }

    @Test
    void shouldCountEachByteOnceHoweverOftenItIsSentAndAcrossTheWrap() {
        assertThat(direction.advance(START, 10)).isEqualTo(10);
        assertThat(direction.advance(START, 10)).isZero();
        assertThat(direction.advance(START + 5, 10)).isEqualTo(5);
        assertThat(direction.advance(START, 5)).as("long since passed").isZero();
        assertThat(direction.bytes).isEqualTo(15);
        assertThat(direction.packets).isEqualTo(4);
        assertThat(direction.next).isEqualTo(START + 15);
    }

    @Test
    void shouldCountNoByteForAnAcknowledgementBehindAFin() {
        direction.advance(START, 10);
        assertThat(direction.advance(START + 10 + 1, 0)).isZero();
        assertThat(direction.bytes).isEqualTo(10);
        assertThat(direction.next).isEqualTo(START + 10);
    }
}
