package net.sniproxy.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import net.sniproxy.bpf.sys.BlockedSignals;
import net.sniproxy.bpf.sys.SystemCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals of the operating system that the commands react to. Thread-safe.
 *
 * <p>The Java virtual machine keeps SIGQUIT to itself, for thread dumps. So the launcher starts it with the signals
 * blocked and {@code -Xrs}, and a thread here takes them as they come. Started in any other way, Java's own means are
 * used, and SIGQUIT prints a thread dump.
 */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);
    private static final Map<Signal, Runnable> ACTIONS = new ConcurrentHashMap<>();
    private static final int EXIT_CODE_OF_SIGNALS = 128;

    /** Numbers as on every Linux that Java runs on. */
    enum Signal {
        HUP(1),
        INT(2),
        QUIT(3),
        TERM(15);

        private final int number;

        Signal(int number) {
            this.number = number;
        }

        private static Optional<Signal> of(int number) {
            return Arrays.stream(values())
                    .filter(signal -> signal.number == number)
                    .findFirst();
        }
    }

    private Signals() {}

    /** Takes signals from now on if they were blocked before Java started. One without an action ends the process. */
    static void takeBlocked() {
        var numbers =
                Arrays.stream(Signal.values()).map(signal -> signal.number).collect(Collectors.toSet());
        if (BlockedSignals.blocked(numbers)) {
            Thread.ofPlatform().daemon().name("sni-proxy-signals").start(() -> {
                BlockedSignals signals = new BlockedSignals(SystemCalls.system(), numbers);
                while (true) {
                    Signal.of(signals.take()).ifPresent(Signals::act);
                }
            });
        }
    }

    private static void act(Signal signal) {
        Runnable end = () -> Runtime.getRuntime().halt(EXIT_CODE_OF_SIGNALS + signal.number);
        try {
            ACTIONS.getOrDefault(signal, end).run();
        } catch (RuntimeException e) {
            LOG.error("SIG{} could not be obeyed", signal, e);
        }
    }

    /** Runs an action, which must not block for long, each time the signal arrives. */
    static void handle(Signal signal, Runnable action) {
        ACTIONS.put(signal, action);
        handleByJava(signal);
    }

    /**
     * The only way to signals that Java has, {@code sun.misc.Signal}, belongs to the supported module
     * {@code jdk.unsupported}; it is called by reflection because javac's warning about it cannot be suppressed.
     */
    private static void handleByJava(Signal signal) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            act(signal);
                        }
                        return null;
                    });
            signalType
                    .getMethod("handle", signalType, handlerType)
                    .invoke(null, signalType.getConstructor(String.class).newInstance(signal.name()), handler);
        } catch (InvocationTargetException e) {
            // Expected with -Xrs, which leaves all but QUIT to takeBlocked, and without it for QUIT.
            LOG.debug("SIG{} is not Java's to give", signal, e);
        } catch (ReflectiveOperationException e) {
            LOG.warn("signals cannot be handled", e);
        }
    }
}
