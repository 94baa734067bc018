package net.sniproxy.bpf.spec;

import java.util.regex.Pattern;

/** What the kernel takes as a name. */
final class Names {
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private Names() {}

    static void requireIdentifier(String what, String name) {
        if (!IDENTIFIER.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" cannot be the name of a " + what + ": letters, digits and _ only");
        }
    }
}
