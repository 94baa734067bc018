package net.sniproxy.app;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals of the operating system. The only way to them that Java has, {@code sun.misc.Signal}, is part of the supported
 * module {@code jdk.unsupported}; it is called by reflection because javac warns of it in a way that cannot be suppressed.
 */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /**
     * Runs an action, on a thread of its own, each time the signal arrives.
     *
     * @param name without {@code SIG}
     * @return whether that is possible: the Java virtual machine keeps some signals to itself, such as QUIT
     */
    static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (InvocationTargetException e) {
            LOG.debug("SIG{} cannot be handled", name, e.getCause());
            return false;
        } catch (ReflectiveOperationException e) {
            LOG.warn("signals cannot be handled", e);
            return false;
        }
    }
}
