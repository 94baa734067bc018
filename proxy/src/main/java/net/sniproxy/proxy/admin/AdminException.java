package net.sniproxy.proxy.admin;

/** A request was refused or could not be made; the message says what, where and the way out. */
public final class AdminException extends Exception {
    private static final long serialVersionUID = 1;

    public AdminException(String message) {
        super(message);
    }

    public AdminException(String message, Throwable cause) {
        super(message, cause);
    }
}
