package net.sniproxy.app;

/** Entry point of the {@code sni-proxy} command. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.err.println("no command yet");
        System.exit(2);
    }
}
