package net.sniproxy.app;

/** A command line that makes no sense, whatever the machine is like; the message says what is wrong with it. */
final class WrongUsage extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongUsage(String message) {
        super(message);
    }

    WrongUsage(String message, Throwable cause) {
        super(message, cause);
    }
}
