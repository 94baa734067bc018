package net.sniproxy.app.bench;

/** What became of a way. */
public sealed interface Outcome {
    /** It was taken. */
    record Measured(Figures figures) implements Outcome {}

    /** It cannot be taken on this machine, or by this user. */
    record NotRun(String reason) implements Outcome {}
}
