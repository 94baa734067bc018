package net.sniproxy.app.hello;

import java.util.List;
import net.sniproxy.proxy.hello.ClientHello;
import net.sniproxy.proxy.hello.HelloLimits;
import net.sniproxy.proxy.hello.HelloReader;
import net.sniproxy.proxy.hello.HelloResult;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a first flight says, as one line of JSON. */
final class HelloJson {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private HelloJson() {}

    static String line(String file, byte[] firstFlight) {
        ObjectNode line = MAPPER.createObjectNode().put("file", file);
        switch (new HelloReader(HelloLimits.DEFAULT).read(firstFlight)) {
            case HelloResult.Name(String name, ClientHello hello) -> describe(line.put("name", name), hello);
            case HelloResult.NoName(ClientHello hello) -> describe(line, hello);
            case HelloResult.Refused refused -> line.put("refusal", refused.detail() + ", at byte " + refused.offset());
            case HelloResult.NeedMore _ -> line.put("incomplete", true);
        }
        return MAPPER.writeValueAsString(line);
    }

    private static void describe(ObjectNode line, ClientHello hello) {
        hello.alpn().forEach(line.putArray("alpn")::add);
        versions(hello.versions()).forEach(line.putArray("versions")::add);
        line.put("bytes", hello.bytes()).put("records", hello.records());
    }

    private static List<String> versions(List<Integer> versions) {
        return versions.stream().map(HelloJson::version).toList();
    }

    private static String version(int version) {
        return switch (version) {
            case 0x0300 -> "SSL 3.0";
            case 0x0301 -> "TLS 1.0";
            case 0x0302 -> "TLS 1.1";
            case 0x0303 -> "TLS 1.2";
            case 0x0304 -> "TLS 1.3";
            default -> "0x%04x".formatted(version);
        };
    }
}
