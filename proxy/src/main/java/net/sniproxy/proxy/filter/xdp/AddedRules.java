package net.sniproxy.proxy.filter.xdp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.kernel.FilterMaps;
import net.sniproxy.proxy.StartException;
import net.sniproxy.proxy.files.AtomicFile;
import net.sniproxy.proxy.filter.Cidr;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where rules that were added by command are kept for the next start:
 *
 * <pre>{"format": 1, "allow": ["10.0.0.0/8"],
 *  "deny": [{"source": "192.0.2.0/24"}, {"source": "198.51.100.7/32", "until": "2026-01-31T12:00:00Z"}]}</pre>
 */
final class AddedRules {
    private static final int FORMAT = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    private AddedRules() {}

    /**
     * What was kept; nothing where no file is configured.
     *
     * @throws StartException if the file cannot be understood: to let in whom it denies would be worse than not to start
     */
    static FilterRules restore(Optional<Path> file) throws StartException {
        if (file.isEmpty()) {
            return FilterRules.of(List.of(), List.of());
        }
        try {
            return read(file.get());
        } catch (IOException e) {
            throw new StartException(
                    "ebpf.xdp.persistence_file " + file.get() + ": " + e.getMessage()
                            + "; mend it, or remove it to begin with the lists of the configuration alone",
                    e);
        }
    }

    /**
     * Keeps them, where a file is configured.
     *
     * @throws IllegalStateException if it cannot be written
     */
    static void keep(Optional<Path> file, FilterRules rules) {
        try {
            if (file.isPresent()) {
                write(file.get(), rules);
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "in force, but forgotten at the next start: " + file.get() + " cannot be written: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Replaces the file as a whole. */
    private static void write(Path file, FilterRules rules) throws IOException {
        ObjectNode all = JSON.createObjectNode().put("format", FORMAT);
        ArrayNode allow = all.putArray("allow");
        rules.allow().stream().map(Cidr::toString).sorted().forEach(allow::add);
        ArrayNode deny = all.putArray("deny");
        long monotonic = System.nanoTime();
        Instant now = Instant.now();
        rules.deny().forEach((block, until) -> {
            ObjectNode entry = deny.addObject().put("source", block.toString());
            if (until != FilterMaps.FOR_GOOD) {
                entry.put("until", now.plusNanos(until - monotonic).toString());
            }
        });
        AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
    }

    /** What was written, without what is over; nothing if there is no such file. */
    private static FilterRules read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return FilterRules.of(List.of(), List.of());
        }
        try {
            JsonNode all = JSON.readTree(Files.readString(file));
            if (all.path("format").asInt(0) != FORMAT) {
                throw new IOException("it is no list of sources of format " + FORMAT);
            }
            Set<Cidr> allow = new HashSet<>();
            all.required("allow").forEach(source -> allow.add(Cidr.parse(source.stringValue())));
            Map<Cidr, Long> deny = new HashMap<>();
            long monotonic = System.nanoTime();
            Instant now = Instant.now();
            for (JsonNode entry : all.required("deny")) {
                deny.put(Cidr.parse(entry.required("source").stringValue()), until(entry, now, monotonic));
            }
            return new FilterRules(allow, deny).at(monotonic);
        } catch (JacksonException | DateTimeException | ArithmeticException | IllegalArgumentException e) {
            throw new IOException("it is no list of sources: " + e.getMessage(), e);
        }
    }

    private static long until(JsonNode entry, Instant now, long monotonic) {
        JsonNode until = entry.path("until");
        return until.isMissingNode()
                ? FilterMaps.FOR_GOOD
                : monotonic
                        + Duration.between(now, Instant.parse(until.stringValue()))
                                .toNanos();
    }
}
