package net.sniproxy.app;

import java.io.PrintWriter;
import net.sniproxy.bpf.Kernel;
import picocli.CommandLine;

/** Puts the command together: its subcommands, and how it reports an error. */
final class CommandLines {
    private CommandLines() {}

    /**
     * The whole command, ready to be executed once.
     *
     * @param out where results go
     * @param err where errors and usage hints go
     */
    static CommandLine sniProxy(PrintWriter out, PrintWriter err) {
        ConfigFiles files = ConfigFiles.system();
        CheckCommand check = new CheckCommand(out, files);
        RunCommand run = new RunCommand(files);
        SniProxyCommand root = new SniProxyCommand(out, check, run);
        return new CommandLine(root)
                .addSubcommand(run)
                .addSubcommand(check)
                .addSubcommand(new HelloCommand(System.in, out, err))
                .addSubcommand(new CommandLine(new FilterCommand(out))
                        .addSubcommand("allow", new FilterListCommand("allow", out))
                        .addSubcommand("deny", new FilterListCommand("deny", out)))
                .addSubcommand(new ExplainCommand(out))
                .addSubcommand(new TopCommand(out))
                .addSubcommand(new DemoCommand(out))
                .addSubcommand(new BenchCommand(out))
                .addSubcommand(new DoctorCommand(out, Kernel.running(), files))
                .addSubcommand(new CommandLine(new BpfCommand())
                        .addSubcommand(new BpfCommand.Dump(out))
                        .addSubcommand(new BpfCommand.Build(out)))
                .addSubcommand(new MapCommand(out))
                .addSubcommand(new ProgCommand(out))
                .addSubcommand(new DetachCommand(out, files))
                .addSubcommand(new VersionCommand(out))
                .setOut(out)
                .setErr(err)
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((error, arguments) -> reportUsageError(error.getCommandLine(), error))
                .setExecutionExceptionHandler(
                        (failure, command, parsed) -> reportFailure(failure, command, root.verbose()));
    }

    private static int reportUsageError(CommandLine command, Exception error) {
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(OneLine.of(name + ": " + error.getMessage() + " (try: " + name + " --help)"));
        return ExitCode.USAGE;
    }

    private static int reportFailure(Exception failure, CommandLine command, boolean verbose) {
        PrintWriter err = command.getErr();
        switch (failure) {
            case WrongUsage usage -> {
                return reportUsageError(command, usage);
            }
            case CommandFailure expected -> err.println(OneLine.of("sni-proxy: " + expected.getMessage()));
            default ->
                err.println(
                        OneLine.of("sni-proxy: unexpected " + failure + (verbose ? "" : " (--verbose shows where)")));
        }
        if (verbose) {
            failure.printStackTrace(err);
        }
        return ExitCode.FAILED;
    }
}
