package net.sniproxy.bench.clang;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalDouble;
import net.sniproxy.bpf.Kernel;
import net.sniproxy.bpf.asm.Instruction;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.Compiler;
import net.sniproxy.bpf.load.LoadedObject;
import net.sniproxy.bpf.program.Program;
import net.sniproxy.bpf.program.TestRun;
import net.sniproxy.bpf.spec.ObjectSpec;

/** Measures both versions of one program in turns, so that both meet the same machine. */
final class Contest {
    private static final int ROUNDS = 9;
    private static final int REPEAT = 200_000;

    private final Subject subject;
    private final Path sources;
    private final Path work;

    /**
     * A contest.
     *
     * @param sources where the C versions are
     * @param work a directory of the caller's for object files
     */
    Contest(Subject subject, Path sources, Path work) {
        this.subject = subject;
        this.sources = sources;
        this.work = work;
    }

    /**
     * What came out.
     *
     * @param java ours
     * @param clang clang's
     */
    record Result(Subject subject, Measurement java, Measurement clang) {}

    Result run() throws IOException {
        Path object = work.resolve(subject.name() + ".o");
        Path pins =
                Path.of("/sys/fs/bpf", "sni-compare-" + ProcessHandle.current().pid() + "-" + subject.name());
        compileC(object);
        Tool.run("bpftool", "prog", "loadall", object.toString(), pins.toString(), "pinmaps", pins.toString());
        ObjectSpec spec = Compiler.compile(CompileOptions.defaults(), subject.program());
        try (LoadedObject ours = LoadedObject.load(Kernel.running(), spec);
                Program clang = Program.open(Kernel.running(), pins.resolve(subject.name()))) {
            Program java = ours.program(subject.name());
            double[][] nanos =
                    subject.packet().map(packet -> time(packet, java, clang)).orElse(new double[2][0]);
            return new Result(
                    subject,
                    new Measurement(slots(spec), java.info().verifiedInstructions(), median(nanos[0])),
                    new Measurement(ElfCode.slots(object), clang.info().verifiedInstructions(), median(nanos[1])));
        } finally {
            unpin(pins);
        }
    }

    private void compileC(Path object) throws IOException {
        String source = sources.resolve(subject.name() + ".c").toString();
        String headers = "/usr/include/" + System.getProperty("os.arch").replace("amd64", "x86_64") + "-linux-gnu";
        Tool.run(
                "clang",
                "-O2",
                "-g",
                "-mcpu=v3",
                "-target",
                "bpf",
                "-I" + headers,
                "-c",
                source,
                "-o",
                object.toString());
    }

    private static double[][] time(byte[] packet, Program java, Program clang) {
        TestRun run = TestRun.onPacket(packet).withRepeat(REPEAT);
        double[][] nanos = new double[2][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            nanos[0][round] = java.run(run).nanosPerRun();
            nanos[1][round] = clang.run(run).nanosPerRun();
        }
        return nanos;
    }

    private static OptionalDouble median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(sorted[sorted.length / 2]);
    }

    private static int slots(ObjectSpec spec) {
        return spec.programs().getFirst().link().instructions().stream()
                .mapToInt(Instruction::slots)
                .sum();
    }

    private static void unpin(Path pins) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(pins)) {
            for (Path entry : entries) {
                Files.delete(entry);
            }
        }
        Files.delete(pins);
    }
}
