package net.sniproxy.bpf.asm;

/** Instructions that cannot be encoded, decoded or assembled; the message says which and where. */
public final class BpfAssemblyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BpfAssemblyException(String message) {
        super(message);
    }
}
