package net.sniproxy.proxy.admin;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.BpfException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One connection to the admin socket. */
final class AdminSession {
    private static final Logger LOG = LoggerFactory.getLogger(AdminSession.class);
    /** Room for some hundred thousand addresses. */
    static final int LONGEST_LINE = 1 << 24;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final InputStream in;
    private final OutputStream out;
    private final Map<String, AdminCommand> commands;

    AdminSession(SocketChannel channel, Map<String, AdminCommand> commands) {
        this.in = new BufferedInputStream(Channels.newInputStream(channel));
        this.out = Channels.newOutputStream(channel);
        this.commands = commands;
    }

    /** Answers until the other side has sent all. */
    void run() throws IOException {
        Optional<String> line = readLine(in);
        while (line.isPresent()) {
            out.write((JSON.writeValueAsString(answer(line.get())) + "\n").getBytes(StandardCharsets.UTF_8));
            line = readLine(in);
        }
    }

    /** One line; empty at the end of the stream. */
    static Optional<String> readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        while (next >= 0 && next != '\n') {
            if (line.size() == LONGEST_LINE) {
                throw new IOException("a line of more than " + LONGEST_LINE + " bytes");
            }
            line.write(next);
            next = in.read();
        }
        return next < 0 && line.size() == 0 ? Optional.empty() : Optional.of(line.toString(StandardCharsets.UTF_8));
    }

    private ObjectNode answer(String line) {
        ObjectNode answer = JSON.createObjectNode();
        try {
            answer.set("ok", obey(JSON.readTree(line)));
        } catch (JacksonException e) {
            answer.put("error", "the request is no JSON object on one line");
        } catch (IllegalArgumentException | IllegalStateException | BpfException e) {
            answer.put("error", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("admin socket: a request failed", e);
            answer.put("error", "failed; see the log of the proxy");
        }
        return answer;
    }

    private JsonNode obey(JsonNode request) {
        String name = request.path("command").asString("");
        AdminCommand command = commands.get(name);
        if (command == null) {
            throw new IllegalArgumentException("unknown command \"" + name + "\"; known: "
                    + String.join(", ", commands.keySet().stream().sorted().toList()));
        }
        return command.answer(request.path("arguments"));
    }
}
