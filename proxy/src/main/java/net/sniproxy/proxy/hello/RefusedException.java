package net.sniproxy.proxy.hello;

/**
 * Ends the reading of a ClientHello. Never leaves this package, and has no stack trace: it costs an attacker more than
 * the proxy.
 */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final Refusal reason;

    RefusedException(Refusal reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    Refusal reason() {
        return reason;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
