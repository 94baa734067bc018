package net.sniproxy.proxy.datapath.sockmap;

/** This host cannot redirect between sockets; the message says why and what would help. */
public final class SockmapUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    SockmapUnavailableException(String message) {
        super(message);
    }
}
