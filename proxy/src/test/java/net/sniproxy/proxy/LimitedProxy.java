package net.sniproxy.proxy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.sniproxy.proxy.datapath.DataPaths;

/**
 * A proxy in a process of its own. Prints its port; then, for each line it reads, the CPU time of its event loops in nanoseconds.
 * Ends with its input.
 */
final class LimitedProxy {
    /** Begins the lines that are not log. */
    static final String ANSWER = "> ";

    private LimitedProxy() {}

    public static void main(String[] args) throws StartException, IOException {
        try (var proxy = SniProxy.start(TestProxy.config(args[0]), DataPaths.relayOnly(""), List.of())) {
            System.out.println(ANSWER + proxy.addresses().getFirst().getPort());
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (in.readLine() != null) {
                System.out.println(ANSWER + CpuTime.ofEventLoops());
            }
        }
    }
}
