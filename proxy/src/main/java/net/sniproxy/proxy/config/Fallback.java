package net.sniproxy.proxy.config;

/** What happens to connections without a name, or with one that no rule is for. */
public sealed interface Fallback {
    /** The text form, as it is configured. */
    @Override
    String toString();

    /** TLS alert 112 (unrecognized_name), then the end. */
    record Reject() implements Fallback {
        @Override
        public String toString() {
            return "reject";
        }
    }

    /** On to a target. */
    record To(Target target) implements Fallback {
        @Override
        public String toString() {
            return target.toString();
        }
    }
}
