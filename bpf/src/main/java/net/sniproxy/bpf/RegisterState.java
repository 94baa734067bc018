package net.sniproxy.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the verifier knows about a register or a place on the stack, as it writes it into its log: {@code R1=pkt(off=14,r=34)}.
 * The notation is that of kernel/bpf/log.c since Linux 6.6; what is not known of it is shown as it is.
 *
 * @param place {@code r1}, or {@code fp-8} for eight bytes of the stack
 * @param knowledge the verifier's own notation
 */
public record RegisterState(String place, String knowledge) {
    /** A name, flags that do not matter here, and what is known, with parentheses within parentheses at most once. */
    private static final Pattern STATE =
            Pattern.compile("\\b(R\\d+|fp-\\d+)(?:_[a-zA-Z]+)?=" + "([^\\s(]*(?:\\((?:[^()]|\\([^()]*\\))*\\))?)");

    private static final Pattern POINTER = Pattern.compile("(\\w+?)(_or_null)?\\((.*)\\)");
    private static final Pattern FRAME = Pattern.compile("fp(-?\\d+)");
    private static final Pattern NUMBER = Pattern.compile("P?(-?(?:0x[0-9a-f]+|\\d+))");

    /** All states in a line of the log, in its order. */
    public static List<RegisterState> in(String line) {
        List<RegisterState> states = new ArrayList<>();
        Matcher state = STATE.matcher(line);
        while (state.find()) {
            states.add(new RegisterState(state.group(1).replace('R', 'r'), state.group(2)));
        }
        return states;
    }

    /** Such as {@code r1 is a number from 0 to 255}. */
    public String words() {
        return place + " is " + meaning();
    }

    private String meaning() {
        Matcher number = NUMBER.matcher(knowledge);
        if (number.matches()) {
            return number.group(1);
        }
        Matcher frame = FRAME.matcher(knowledge);
        if (frame.matches()) {
            return "the address of the stack" + (frame.group(1).equals("0") ? "'s end" : " at " + frame.group(1));
        }
        Matcher pointer = POINTER.matcher(knowledge.startsWith("P") ? knowledge.substring(1) : knowledge);
        if (!pointer.matches()) {
            return knowledge;
        }
        String words = described(pointer.group(1), attributes(pointer.group(3)));
        return pointer.group(2) == null ? words : words + ", or null";
    }

    private String described(String kind, Map<String, String> attributes) {
        return switch (kind) {
            case "scalar", "inv" -> numbers(attributes);
            case "ctx" -> "the context";
            case "pkt" -> packet(attributes);
            case "pkt_end" -> "the end of the packet";
            case "fp" -> "on the stack" + at(attributes);
            case "map_value" -> "a value of map " + attributes.getOrDefault("map", "?") + at(attributes);
            case "map_ptr" -> "map " + attributes.getOrDefault("map", "?");
            case "mem" -> "memory of " + attributes.getOrDefault("sz", "?") + " bytes" + at(attributes);
            case "sock", "sock_common", "tcp_sock", "xdp_sock" -> "a " + kind + at(attributes);
            default -> knowledge;
        };
    }

    /** A check behind a variable distance counts from there: the verifier does not know where in the packet that is. */
    private static String packet(Map<String, String> attributes) {
        String checked = attributes.getOrDefault("r", "0");
        return attributes.containsKey("id")
                ? "somewhere in the packet" + at(attributes) + ", and " + checked + " bytes are checked there"
                : "byte " + offset(attributes) + " of the packet, which is checked up to byte " + checked;
    }

    private static String offset(Map<String, String> attributes) {
        return attributes.getOrDefault("off", "0");
    }

    private static String at(Map<String, String> attributes) {
        long least = number(offset(attributes)) + number(attributes.getOrDefault("umin", "0"));
        if (isMoved(attributes)) {
            String most = attributes.get("umax");
            return " at byte " + least + " to " + (most == null ? "any" : number(offset(attributes)) + number(most));
        }
        return least == 0 ? "" : " at byte " + least;
    }

    /** Whether a number that is not constant was added to the pointer. */
    private static boolean isMoved(Map<String, String> attributes) {
        return attributes.containsKey("umax") || attributes.containsKey("smin") || attributes.containsKey("smax");
    }

    /** How far a variable distance may have moved the pointer, or how large the number is; empty if there is no limit. */
    OptionalLong greatest() {
        Matcher pointer = POINTER.matcher(knowledge);
        String most = pointer.matches() ? attributes(pointer.group(3)).get("umax") : null;
        return most == null ? OptionalLong.empty() : OptionalLong.of(number(most));
    }

    /** Whether it is a number, and no pointer. */
    boolean isNumber() {
        return NUMBER.matcher(knowledge).matches() || knowledge.startsWith("scalar") || knowledge.startsWith("inv");
    }

    /** Whether it is certainly 0, which is also null. */
    boolean isZero() {
        return knowledge.equals("0");
    }

    /** Unsigned bounds say more than signed ones, if there are any. */
    private static String numbers(Map<String, String> bounds) {
        Optional<String> most = Optional.ofNullable(bounds.get("umax"));
        if (most.isPresent()) {
            return "a number from " + bounds.getOrDefault("umin", "0") + " to " + decimal(most.get());
        }
        String least = bounds.getOrDefault("smin", "");
        String greatest = bounds.getOrDefault("smax", "");
        if (!least.isEmpty() || !greatest.isEmpty()) {
            return "a number from " + (least.isEmpty() ? "any" : decimal(least)) + " to "
                    + (greatest.isEmpty() ? "any" : decimal(greatest));
        }
        return "any number";
    }

    private static String decimal(String number) {
        return number.startsWith("0x") ? Long.toUnsignedString(number(number)) : number;
    }

    /** Decimal, or hexadecimal without sign. */
    private static long number(String text) {
        return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseLong(text);
    }

    /** {@code smin=smin32=0,umax=255}: each name with its value. Masks of known bits are left out. */
    private static Map<String, String> attributes(String text) {
        Map<String, String> attributes = new HashMap<>();
        for (String part : text.replaceAll("\\([^()]*\\)", "").split(",", -1)) {
            String[] names = part.split("=", -1);
            for (int i = 0; i < names.length - 1; i++) {
                attributes.put(names[i].strip(), names[names.length - 1].strip());
            }
        }
        return attributes;
    }
}
