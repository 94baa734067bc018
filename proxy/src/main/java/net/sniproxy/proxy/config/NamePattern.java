package net.sniproxy.proxy.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/** What names a rule is for. */
public sealed interface NamePattern {
    /** The text form, canonical. */
    @Override
    String toString();

    /** One name, canonical. */
    record Exact(String name) implements NamePattern {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Every name below a domain, at any depth, without the domain itself.
     *
     * @param domain canonical, without {@code *.}
     */
    record Below(String domain) implements NamePattern {
        @Override
        public String toString() {
            return "*." + domain;
        }
    }

    /**
     * Every name that an expression matches from its first to its last character.
     *
     * @param expression in RE2 syntax, without the slashes
     */
    record Regex(String expression) implements NamePattern {
        @Override
        public String toString() {
            return "/" + expression + "/";
        }
    }

    /** Every name. */
    record Any() implements NamePattern {
        @Override
        public String toString() {
            return "*";
        }
    }

    /**
     * Reads the text form. Names of other scripts become A-labels.
     *
     * @throws IllegalArgumentException with a message that says what is wrong with the text
     */
    static NamePattern parse(String text) {
        if (text.equals("*")) {
            return new Any();
        }
        if (text.length() > 2 && text.startsWith("/") && text.endsWith("/")) {
            return regex(text.substring(1, text.length() - 1));
        }
        return text.startsWith("*.") ? new Below(HostName.name(text.substring(2))) : new Exact(HostName.name(text));
    }

    private static Regex regex(String expression) {
        try {
            Pattern.compile(expression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("not an RE2 expression: " + e.getMessage(), e);
        }
        return new Regex(expression);
    }
}
