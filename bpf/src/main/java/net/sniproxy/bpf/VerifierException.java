package net.sniproxy.bpf;

import java.util.List;
import java.util.stream.Collectors;
import net.sniproxy.bpf.sys.Errno;

/**
 * The verifier rejected a program. The message says at which Java line, what the verdict means and the usual remedy where
 * they are known, and ends with the last useful lines of the verifier's log; {@link #log()} is the whole log.
 */
public final class VerifierException extends BpfException {
    private static final long serialVersionUID = 1L;

    private static final int LINES_SHOWN = 12;

    private final String log;

    /**
     * A rejection.
     *
     * @param command what was asked for, as in {@code BPF_PROG_LOAD}
     * @param object the program
     * @param errno what the kernel answered
     * @param remedy what to do about it; may be empty
     * @param log everything that the verifier wrote; may be empty
     */
    public VerifierException(String command, String object, Errno errno, String remedy, String log) {
        super(command, object, errno, remedy, VerifierAdvice.of(log) + summary(log));
        this.log = log;
    }

    /** Everything that the verifier wrote. */
    public String log() {
        return log;
    }

    /** The last lines of a verifier log without its statistics, after a note of how many lines are left out. */
    static String summary(String log) {
        List<String> lines = log.lines()
                .filter(line -> !line.isBlank() && !isStatistics(line))
                .toList();
        int omitted = Math.max(0, lines.size() - LINES_SHOWN);
        String shown = lines.stream().skip(omitted).map(line -> "    " + line).collect(Collectors.joining("\n"));
        return omitted == 0 ? shown : "    (" + omitted + " lines omitted)\n" + shown;
    }

    private static boolean isStatistics(String line) {
        return line.startsWith("processed ")
                || line.startsWith("verification time ")
                || line.startsWith("stack depth ");
    }
}
