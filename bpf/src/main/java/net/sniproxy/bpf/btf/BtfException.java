package net.sniproxy.bpf.btf;

/** BTF that is malformed, or that lacks what was asked for; the message says what and where. */
public final class BtfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BtfException(String message) {
        super(message);
    }
}
