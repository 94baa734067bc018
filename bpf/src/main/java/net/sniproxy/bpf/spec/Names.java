package net.sniproxy.bpf.spec;

/** What the kernel takes as a name. */
final class Names {
    private Names() {}

    static void requireIdentifier(String what, String name) {
        if (!isIdentifier(name)) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" cannot be the name of a " + what + ": letters, digits and _ only");
        }
    }

    private static boolean isIdentifier(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean digit = c >= '0' && c <= '9';
            boolean letter = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_';
            if (!letter && (!digit || i == 0)) {
                return false;
            }
        }
        return !name.isEmpty();
    }
}
