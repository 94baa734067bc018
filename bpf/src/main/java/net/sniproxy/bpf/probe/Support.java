package net.sniproxy.bpf.probe;

/** Whether the kernel can do something. */
public sealed interface Support {
    /** It can. */
    record Yes() implements Support {}

    /**
     * It cannot.
     *
     * @param reason why, in a sentence for people
     */
    record No(String reason) implements Support {}

    /** Whether it can. */
    default boolean isYes() {
        return this instanceof Yes;
    }
}
