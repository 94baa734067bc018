package net.sniproxy.proxy.hello;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A length in a hello of one record, found by a plain reading of the structure that shares nothing with the product. */
record LengthField(String name, int at, int width) {
    static List<LengthField> all(byte[] wire) {
        List<LengthField> fields = new ArrayList<>();
        fields.add(new LengthField("record", 3, 2));
        fields.add(new LengthField("handshake", 6, 3));
        int at = 9 + 2 + 32;
        at = field(fields, wire, "session id", at, 1);
        at = field(fields, wire, "cipher suites", at, 2);
        at = field(fields, wire, "compression methods", at, 1);
        fields.add(new LengthField("extensions", at, 2));
        at += 2;
        while (at < wire.length) {
            int type = ByteBuffer.wrap(wire).getShort(at);
            int body = at + 4;
            int next = field(fields, wire, "extension " + type, at + 2, 2);
            switch (type) {
                case 0 -> {
                    fields.add(new LengthField("name list", body, 2));
                    fields.add(new LengthField("name", body + 3, 2));
                }
                case 16 -> {
                    fields.add(new LengthField("protocol list", body, 2));
                    for (int protocol = body + 2; protocol < next; ) {
                        protocol = field(fields, wire, "protocol", protocol, 1);
                    }
                }
                case 43 -> fields.add(new LengthField("version list", body, 1));
                default -> throw new IllegalArgumentException("extension " + type);
            }
            at = next;
        }
        return fields;
    }

    byte[] changed(byte[] wire, int change) {
        byte[] changed = wire.clone();
        int value = value(wire) + change;
        for (int i = width - 1; i >= 0; i--, value >>= 8) {
            changed[at + i] = (byte) value;
        }
        return changed;
    }

    private int value(byte[] wire) {
        int value = 0;
        for (int i = 0; i < width; i++) {
            value = value << 8 | wire[at + i] & 0xff;
        }
        return value;
    }

    /** Adds a field and returns where its content ends. */
    private static int field(List<LengthField> fields, byte[] wire, String name, int at, int width) {
        LengthField field = new LengthField(name, at, width);
        fields.add(field);
        return at + width + field.value(wire);
    }
}
