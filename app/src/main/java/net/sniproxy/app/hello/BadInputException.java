package net.sniproxy.app.hello;

/** A file that is not what its beginning says. The message says what is wrong and where in the file. */
final class BadInputException extends Exception {
    private static final long serialVersionUID = 1;

    BadInputException(String message) {
        super(message);
    }
}
