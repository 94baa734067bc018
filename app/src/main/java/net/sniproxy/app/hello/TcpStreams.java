package net.sniproxy.app.hello;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.sniproxy.app.hello.TcpSegment.Endpoint;

/** Sorts TCP segments into connections and finds what each client sent first. */
final class TcpStreams {
    private final List<TcpStream> streams = new ArrayList<>();
    private final Map<Set<Endpoint>, TcpStream> current = new HashMap<>();

    /** Takes the next segment of a capture. */
    void add(TcpSegment segment) {
        Set<Endpoint> ends =
                segment.from().equals(segment.to()) ? Set.of(segment.from()) : Set.of(segment.from(), segment.to());
        TcpStream stream = current.get(ends);
        if (stream == null || stream.endsWith(segment)) {
            stream = new TcpStream();
            current.put(ends, stream);
            streams.add(stream);
        }
        stream.add(segment);
    }

    /** How many connections there are, with or without data. */
    int count() {
        return streams.size();
    }

    /** What each client sent first, without gaps, in the order of the connections' first packets. */
    List<byte[]> firstFlights() {
        return streams.stream().flatMap(stream -> stream.firstFlight().stream()).toList();
    }
}
