package net.sniproxy.proxy.admin;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a running proxy. Immutable; each question is a connection of its own. */
public final class AdminClient {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path socket;

    private AdminClient(Path socket) {
        this.socket = socket;
    }

    /**
     * The client of a proxy.
     *
     * @param socket where it listens; empty: the only one that runs under this user
     * @throws AdminException if none or several run
     */
    public static AdminClient of(Optional<Path> socket) throws AdminException {
        if (socket.isPresent()) {
            return new AdminClient(socket.get());
        }
        List<Path> running = AdminSockets.running();
        if (running.isEmpty()) {
            throw new AdminException("no running proxy was found; is it started, and by this user? "
                    + "If its configuration sets admin_socket, name that with --socket PATH");
        }
        if (running.size() > 1) {
            throw new AdminException("several proxies run: name one with --socket "
                    + running.stream().map(Path::toString).collect(Collectors.joining(" or ")));
        }
        return new AdminClient(running.getFirst());
    }

    /**
     * Asks.
     *
     * @return what stands under {@code ok} in the answer
     * @throws AdminException if the proxy refuses, or cannot be reached
     */
    public JsonNode ask(String command, JsonNode arguments) throws AdminException {
        JsonNode answer = exchange(JSON.writeValueAsString(
                JSON.createObjectNode().put("command", command).set("arguments", arguments)));
        if (answer.has("error")) {
            throw new AdminException(answer.path("error").asString(""));
        }
        return answer.path("ok");
    }

    private JsonNode exchange(String line) throws AdminException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            String answer = AdminSession.readLine(new BufferedInputStream(Channels.newInputStream(channel)))
                    .orElseThrow(
                            () -> new IOException("it hung up: the request was too long, or too many ask at once"));
            return JSON.readTree(answer);
        } catch (IOException | JacksonException e) {
            throw new AdminException("the proxy at " + socket + " gave no answer: " + reason(e), e);
        }
    }

    private String reason(Exception failure) {
        if (Files.notExists(socket)) {
            return "there is no such socket; is the proxy started?";
        }
        if (!Files.isWritable(socket)) {
            return "only its own user and root may ask it";
        }
        return failure instanceof ConnectException
                ? "nobody listens there; is the proxy still running?"
                : String.valueOf(failure.getMessage());
    }
}
