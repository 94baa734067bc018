package net.sniproxy.bpf;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a verifier's verdict means for whoever wrote the program: the Java line, the register in words, and the usual
 * remedy. The verdicts are those of kernel/bpf/verifier.c, which change little from one kernel to the next.
 */
final class VerifierAdvice {
    /** Since Linux 6.9 the log gives file and line behind the text: {@code ; return x; @ Filter.java:12}. */
    private static final Pattern SOURCE_LINE = Pattern.compile(";\\s*(?<text>.*?)\\s*(?:@ (?<place>\\S+:\\d+))?");

    private static final String REGISTER = "R(\\d+)";

    /** A line that begins with a register is a verdict about it; lines of states begin with a number. */
    private static final Pattern VERDICT_REGISTER =
            Pattern.compile("^(?:At program exit the register |invalid .* stack )?R(\\d+) ");

    /** A bound check behind a larger variable distance counts for nothing ({@code MAX_PACKET_OFF}). */
    private static final long MAX_PACKET_OFFSET = 0xffff;

    /**
     * A verdict.
     *
     * @param condition what must be known of its register besides
     * @param advice {@code $1} and so on are what the groups of the verdict matched
     */
    private record Rule(Pattern verdict, Predicate<Optional<RegisterState>> condition, String advice) {
        Rule(String verdict, String advice) {
            this(Pattern.compile(verdict), _ -> true, advice);
        }

        /** The same verdict, with a cause that the register shows. */
        static Rule where(Predicate<RegisterState> condition, String verdict, String advice) {
            return new Rule(
                    Pattern.compile(verdict), state -> state.filter(condition).isPresent(), advice);
        }
    }

    private static final List<Rule> RULES = List.of(
            new Rule(
                    REGISTER + " invalid mem access '(?:map_value|mem)_or_null'",
                    "r$1 is what a lookup gave and may be null: compare it with null before its fields are used"),
            new Rule(
                    REGISTER + " invalid mem access '(\\w+)_or_null'",
                    "r$1 is a $2 and may be null: compare it with null before it is used"),
            Rule.where(
                    RegisterState::isZero,
                    REGISTER + " invalid mem access '(?:scalar|inv)'",
                    "r$1 is null on this path: it is used where a comparison has shown that there is no object"),
            new Rule(
                    REGISTER + " invalid mem access '(?:scalar|inv)'",
                    "r$1 is a number here, not a pointer: a packet pointer from before a call that moves the packet is"
                            + " dead; read data() and dataEnd() again and check again"),
            Rule.where(
                    state -> state.greatest().orElse(0) > MAX_PACKET_OFFSET,
                    "invalid access to packet, off=(-?\\d+) size=(\\d+), " + REGISTER + "\\(.*?\\br=(\\d+)\\)",
                    "r$3 may be so far behind the packet's start that no check counts: keep the distance below 32768, with"
                            + " a mask if need be, and check behind it"),
            new Rule(
                    "invalid access to packet, off=(-?\\d+) size=(\\d+), " + REGISTER + "\\(.*?\\br=(\\d+)\\)",
                    "r$3 points into the packet and $4 bytes from there are checked, but $2 are used at $1: on every path"
                            + " ask dataEnd().covers(pointer, length) first"),
            new Rule(
                    "invalid access to map value, value_size=(\\d+) off=(-?\\d+) size=(\\d+)",
                    "a value of the map has $1 bytes, but $3 are used at $2: bound the index, with a mask if need be"),
            new Rule(
                    "invalid access to memory, mem_size=(\\d+) off=(-?\\d+) size=(\\d+)",
                    "the object has $1 bytes, but $3 are used at $2: bound the index, with a mask if need be"),
            new Rule(
                    REGISTER + " (?:unbounded memory access|min value is negative)",
                    "r$1 was moved by an index whose bounds are not known: mask it (index & 63) or compare it first, in the"
                            + " same width in which it is used"),
            new Rule(
                    "math between (\\w+) pointer and register with unbounded min value",
                    "a $1 pointer is moved by a number that may be negative: mask the distance"),
            new Rule(
                    "invalid (?:variable-offset )?(?:indirect )?(?:read|write|access)?.*(?:from|to) (?:indirect access"
                            + " to )?stack",
                    "memory of the stack is used that is not set, or outside the object: bound the index of the buffer"),
            new Rule(
                    "back-edge from insn|infinite loop detected",
                    "the loop has no end that can be seen: count to a constant, and change the counter on every path"),
            new Rule(
                    "BPF program is too large|too many states|sequence of (\\d+) jumps is too complex",
                    "there are too many paths to walk: count loops to a small constant, or make a part a function of its own with"
                            + " @BpfFunction"),
            new Rule(REGISTER + " !read_ok", "r$1 is used where no path has set it, or where a call has destroyed it"),
            new Rule(
                    "(?:program of this type cannot use helper|unknown func) (\\S+)",
                    "$1 is not for programs of this type, or not in this kernel: use what the program's context offers"),
            new Rule(
                    "cannot call GPL-restricted function|GPL.compatible",
                    "the helper is for programs under the GPL: give the program's licence as GPL"),
            new Rule(
                    "At program exit the register R0 has",
                    "the program returns a number that has no meaning for its type: return one of the type's verdicts"),
            new Rule(
                    REGISTER + " type=(\\S+) expected=(.+)",
                    "r$1 is a $2, but the helper takes a $3: hand it the object itself, not one of its fields"),
            new Rule(
                    "invalid bpf_context access off=(\\d+) size=(\\d+)",
                    "the context has no field of $2 bytes at $1 for programs of this type, or not in this kernel"),
            new Rule(
                    "dereference of modified ctx ptr",
                    "the address of the context was changed before a field was read: read the field where it is needed"),
            new Rule(
                    REGISTER + " pointer arithmetic on (\\S+) prohibited",
                    "r$1 is a $2, to which nothing can be added: compare it with null before its fields are used"),
            new Rule(
                    "misaligned (\\w+) access off .*? size (\\d+)",
                    "$2 bytes of the $1 are used where they are not aligned: use bytes, or an aligned offset"),
            new Rule(
                    "combined stack size of \\d+ calls is (\\d+)",
                    "the program and the functions that it calls need $1 bytes of stack and may have 512: make their"
                            + " buffers smaller, or keep them in a per-CPU array"),
            new Rule(
                    REGISTER + " leaks addr",
                    "r$1 is an address, which must not leave the program: keep numbers in maps and packets"),
            new Rule(
                    "helper access to the packet is not allowed",
                    "this helper takes no packet pointer: copy the bytes into a Buffer first"),
            new Rule(
                    "Unreleased reference|reference leak",
                    "a socket that was looked up must be released on every path"));

    private VerifierAdvice() {}

    /** Java line and advice for the verdict in {@code log}, a line each with an indent; empty if there is neither. */
    static String of(String log) {
        StringBuilder advice = new StringBuilder();
        Optional<RegisterState> state = register(log);
        javaLine(log).ifPresent(line -> advice.append("    at ").append(line).append('\n'));
        meaning(log, state).ifPresent(text -> advice.append("    ").append(text).append('\n'));
        state.filter(known -> !isStale(known, log))
                .ifPresent(known -> advice.append("    ").append(known.words()).append('\n'));
        return advice.toString();
    }

    /** The log does not say that a call has made a number of a packet pointer. */
    private static boolean isStale(RegisterState state, String log) {
        return log.contains("invalid mem access 'scalar'") && !state.isNumber();
    }

    /** What was known last of the register that the verdict names: the verdict is the last line with one. */
    private static Optional<RegisterState> register(String log) {
        List<String> lines = log.lines().toList();
        Optional<String> named = lines.reversed().stream()
                .map(VERDICT_REGISTER::matcher)
                .filter(Matcher::find)
                .map(verdict -> "r" + verdict.group(1))
                .findFirst();
        return named.flatMap(name -> lines.reversed().stream()
                .flatMap(line -> RegisterState.in(line).reversed().stream())
                .filter(state -> state.place().equals(name))
                .findFirst());
    }

    /** The last source line before the verdict: where the verifier was when it gave up. */
    private static Optional<String> javaLine(String log) {
        return log.lines()
                .map(SOURCE_LINE::matcher)
                .filter(Matcher::matches)
                .reduce((_, later) -> later)
                .map(line -> Stream.of(line.group("place"), line.group("text"))
                        .filter(part -> part != null && !part.isEmpty())
                        .collect(Collectors.joining(": ")));
    }

    private static Optional<String> meaning(String log, Optional<RegisterState> state) {
        // The verdict is near the end: what matches last is what counts.
        for (String line : log.lines().toList().reversed()) {
            for (Rule rule : RULES) {
                Matcher verdict = rule.verdict.matcher(line);
                if (verdict.find() && rule.condition.test(state)) {
                    return Optional.of(filled(rule.advice, verdict));
                }
            }
        }
        return Optional.empty();
    }

    private static String filled(String advice, Matcher verdict) {
        String text = advice;
        for (int group = 1; group <= verdict.groupCount(); group++) {
            String found = verdict.group(group);
            text = text.replace("$" + group, found == null ? "?" : found);
        }
        return text;
    }
}
