package net.sniproxy.proxy.hello;

import java.util.ArrayList;
import java.util.List;

/** The extension supported_versions (RFC 8446 section 4.2.1). */
final class SupportedVersionsReader extends FieldReader {
    private final int end;
    private final List<Integer> versions = new ArrayList<>(4);
    private boolean inList;

    SupportedVersionsReader(int length) throws RefusedException {
        if (length < 3 || length % 2 == 0 || length > 255) {
            throw new RefusedException(
                    Refusal.MALFORMED, "supported_versions of " + length + " bytes is no list of versions");
        }
        end = length;
        number("supported_versions list length", 1, length - 1, length - 1);
    }

    List<Integer> versions() {
        return versions;
    }

    @Override
    void next() {
        if (inList && !Grease.is((byte) (number() >> 8), (byte) number())) {
            versions.add(number());
        }
        inList = true;
        if (position() < end) {
            number("version", 2, 0, 0xffff);
        }
    }
}
