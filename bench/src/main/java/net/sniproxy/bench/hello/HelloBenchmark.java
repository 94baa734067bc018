package net.sniproxy.bench.hello;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.hello.HelloLimits;
import net.sniproxy.proxy.hello.HelloReader;
import net.sniproxy.proxy.hello.HelloResult;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads a ClientHello as it comes from a classic client (517 bytes) and from a post-quantum one (1800 bytes), whole and byte
 * by byte. Byte by byte has to stay within a small factor of the bytes, whatever the size: that is what linear means.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HelloBenchmark {
    @Param({"517", "1800"})
    private int size;

    private ByteBuffer hello = ByteBuffer.allocate(0);

    /** Makes the hello, and makes sure that it is one. */
    @Setup
    public void makeHello() {
        hello = ByteBuffer.wrap(ClientHellos.ofSize(size));
        for (HelloResult result : new HelloResult[] {whole(), byByte()}) {
            if (!(result instanceof HelloResult.Name)) {
                throw new IllegalStateException("not read: " + result);
            }
        }
    }

    /** One call for the whole hello. */
    @Benchmark
    public HelloResult whole() {
        return new HelloReader(HelloLimits.DEFAULT).read(hello.clear());
    }

    /** One call for each byte. */
    @Benchmark
    public HelloResult byByte() {
        HelloReader reader = new HelloReader(HelloLimits.DEFAULT);
        hello.clear();
        HelloResult result = reader.read(hello.limit(1));
        for (int end = 2; end <= size; end++) {
            result = reader.read(hello.limit(end));
        }
        return result;
    }
}
