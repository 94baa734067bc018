package net.sniproxy.proxy.datapath.sockmap;

import java.util.List;
import net.sniproxy.proxy.datapath.sockmap.Check.Outcome;

/** This host cannot redirect between sockets; the message says why and what would help. */
public final class SockmapUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Outcome> selfTest;

    SockmapUnavailableException(String message) {
        this(message, List.of());
    }

    SockmapUnavailableException(String message, List<Outcome> selfTest) {
        super(message);
        this.selfTest = List.copyOf(selfTest);
    }

    /** How each check of the kernel went; empty if it did not come to that. */
    public List<Outcome> selfTest() {
        return selfTest;
    }
}
