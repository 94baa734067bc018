package net.sniproxy.proxy;

/** The proxy cannot run as configured; the message says what, where and the way out in one sentence. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    /** With the cause that the operating system gave. */
    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
