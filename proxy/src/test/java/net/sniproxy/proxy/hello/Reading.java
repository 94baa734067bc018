package net.sniproxy.proxy.hello;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import net.sniproxy.proxy.hello.HelloResult.Refused;

/** Ways to hand the same bytes to a reader. */
final class Reading {
    private Reading() {}

    static HelloResult whole(byte[] bytes) {
        return new HelloReader(HelloLimits.DEFAULT).read(bytes);
    }

    /** Every byte alone, in a buffer that is overwritten afterwards: nothing can be read a second time. */
    static HelloResult byByte(byte[] bytes) {
        return inPieces(bytes, () -> 1);
    }

    static HelloResult inRandomPieces(byte[] bytes, Random random) {
        return inPieces(bytes, () -> 1 + random.nextInt(40));
    }

    static HelloResult cutAt(byte[] bytes, int offset) {
        HelloReader reader = new HelloReader(HelloLimits.DEFAULT);
        reader.read(ByteBuffer.wrap(bytes, 0, offset));
        return reader.read(ByteBuffer.wrap(bytes, offset, bytes.length - offset));
    }

    private static HelloResult inPieces(byte[] bytes, java.util.function.IntSupplier size) {
        HelloReader reader = new HelloReader(HelloLimits.DEFAULT);
        HelloResult result = new HelloResult.NeedMore();
        for (int from = 0, length; from < bytes.length; from += length) {
            length = Math.min(size.getAsInt(), bytes.length - from);
            byte[] piece = Arrays.copyOfRange(bytes, from, from + length);
            result = reader.read(piece);
            Arrays.fill(piece, (byte) 0xaa);
        }
        return result;
    }

    /** The answer to bytes that have to be refused. */
    static Refused refused(byte[] wire) {
        HelloResult result = whole(wire);
        assertThat(result).isInstanceOf(Refused.class);
        return (Refused) result;
    }
}
