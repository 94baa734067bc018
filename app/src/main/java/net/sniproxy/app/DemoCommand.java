package net.sniproxy.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import net.sniproxy.app.Signals.Signal;
import net.sniproxy.app.demo.Demo;
import net.sniproxy.app.demo.DemoReport;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.config.ConfigException;
import net.sniproxy.proxy.event.ConnectionEvent.Closed;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sni-proxy demo}. */
@Command(
        name = "demo",
        description = "Show the proxy at work: TLS back ends, the proxy and requests through it, all in this process."
                + " Needs no configuration.")
final class DemoCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--once", description = "End after the table: exit code 0 if all went as expected, else 1.")
    private boolean once;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:8443",
            description = "Where the proxy listens; port 0 takes any. Default: ${DEFAULT-VALUE}")
    private String listen = "";

    DemoCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Demo demo = start()) {
            out.printf("sni-proxy listens on %s, in front of three TLS back ends.%n%n", Addresses.text(demo.address()));
            DemoReport report = demo.visitAll();
            out.println(report.table());
            if (once) {
                return report.allAsExpected() ? ExitCode.OK : ExitCode.FAILED;
            }
            out.println("Try it from another terminal:");
            out.println("  " + demo.curl());
            out.println();
            out.println("Connections will be shown here as they end. Ctrl-C stops.");
            showConnectionsUntilStopped(demo);
            return ExitCode.OK;
        }
    }

    private Demo start() {
        try {
            return Demo.start(listen);
        } catch (StartException e) {
            throw new CommandFailure(e.getMessage() + "; another address: demo --listen 127.0.0.1:0", e);
        } catch (ConfigException e) {
            throw new ParameterException(commandLine(), "--listen " + listen + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailure("the demo cannot start: " + e, e);
        }
    }

    private CommandLine commandLine() {
        CommandSpec known = spec;
        if (known == null) {
            throw new IllegalStateException("not created by the command line parser");
        }
        return known.commandLine();
    }

    private void showConnectionsUntilStopped(Demo demo) {
        Thread here = Thread.currentThread();
        AtomicBoolean stopped = new AtomicBoolean();
        for (Signal signal : Signal.values()) {
            Signals.handle(signal, () -> {
                stopped.set(true);
                here.interrupt();
            });
        }
        while (!stopped.get()) {
            try {
                show(demo.takeClosed());
            } catch (InterruptedException e) {
                // Stopped by a signal.
            }
        }
        out.println("Stopped.");
    }

    private void show(Closed end) {
        out.println(OneLine.of("%s -> %s: %s, %d bytes up, %d bytes down, %d ms"
                .formatted(
                        end.name().orElse("(no name)"),
                        end.target().orElse("(refused)"),
                        end.ending().label(),
                        end.bytesUp(),
                        end.bytesDown(),
                        end.duration().toMillis())));
    }
}
