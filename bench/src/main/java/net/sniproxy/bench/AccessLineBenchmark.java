package net.sniproxy.bench;

import java.util.concurrent.TimeUnit;
import net.sniproxy.proxy.logging.Escape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs each line of the log that nothing in it can forge another line: ordinary text against hostile text. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class AccessLineBenchmark {
    private static final String LINE = "client=192.0.2.1:50000 listener=192.0.2.2:443 name=www.example.com alpn=h2"
            + " route=*.example.com upstream=198.51.100.7:443 path=relay bytes_up=1432 bytes_down=90210 end=completed";

    @Param({"ordinary", "hostile"})
    String text = "";

    /** The line as it is, or with a control character in place of each space. */
    @Benchmark
    public String escape() {
        return Escape.controls(text.equals("hostile") ? HOSTILE : LINE);
    }

    private static final String HOSTILE = LINE.replace(' ', '\u001b');
}
