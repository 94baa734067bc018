package net.sniproxy.app;

/** A command could not do its job. The message names what and where, and the way out; it is all that a user sees. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    CommandFailure(String message) {
        super(message);
    }

    CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
