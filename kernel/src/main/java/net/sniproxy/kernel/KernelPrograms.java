package net.sniproxy.kernel;

import java.util.List;

/** The classes of the programs that run inside the kernel, for the compiler. */
public final class KernelPrograms {
    private KernelPrograms() {}

    /** All of them, in no particular order. */
    public static List<Class<?>> all() {
        return List.of(
                XdpIpFilter.class,
                RedirectMsg.class,
                SocketEnrolment.class,
                SocketConsumption.class,
                UpperLayerRefusal.class,
                TcSplice.class);
    }
}
