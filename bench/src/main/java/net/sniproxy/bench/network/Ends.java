package net.sniproxy.bench.network;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The two ends of the connections, each a process on its host: a {@link Client} that measures on request, and a {@link BackEnd}. */
final class Ends implements AutoCloseable {
    private final Process backEnd;
    private final Process client;
    private final PrintWriter requests;
    private final BufferedReader answers;

    /** Starts both and waits until they are ready. */
    Ends(Hosts hosts) throws IOException {
        backEnd = hosts.start("backend", java(BackEnd.class));
        backEnd.inputReader().readLine();
        client = hosts.start("clients", java(Client.class));
        requests = new PrintWriter(client.getOutputStream(), true, StandardCharsets.US_ASCII);
        answers = client.inputReader();
        answers.readLine();
    }

    private static List<String> java(Class<?> program) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName());
    }

    /** Has the client measure something against {@link Wire#PORT} of an address, in the words of {@link Client}. */
    long[] ask(String what, String host, long size, int count) throws IOException {
        requests.println(what + " " + host + " " + Wire.PORT + " " + size + " " + count);
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the client ended while it measured " + what + " at " + host);
        }
        String[] words = answer.split(" ");
        long[] numbers = new long[words.length];
        for (int i = 0; i < words.length; i++) {
            numbers[i] = Long.parseLong(words[i]);
        }
        return numbers;
    }

    @Override
    public void close() throws IOException {
        Shell.stop(client);
        Shell.stop(backEnd);
    }
}
