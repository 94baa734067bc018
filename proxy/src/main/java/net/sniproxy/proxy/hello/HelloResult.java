package net.sniproxy.proxy.hello;

/** What is known after the bytes seen so far. Every answer but {@link NeedMore} is final. */
public sealed interface HelloResult {
    /**
     * A complete ClientHello that asks for a name.
     *
     * @param name canonical form: lower case, A-labels as they came
     * @param hello what else it says
     */
    record Name(String name, ClientHello hello) implements HelloResult {}

    /** A complete ClientHello that asks for no host name. */
    record NoName(ClientHello hello) implements HelloResult {}

    /** All bytes so far can begin a ClientHello, and it is not complete. */
    record NeedMore() implements HelloResult {}

    /**
     * No continuation of these bytes is a ClientHello that may be routed.
     *
     * @param reason the kind of fault; it carries the TLS alert to answer with
     * @param detail a sentence for the log: what is wrong, names escaped, no line breaks
     * @param offset how many bytes of the connection came before the first impossible one
     */
    record Refused(Refusal reason, String detail, long offset) implements HelloResult {}
}
