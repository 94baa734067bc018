package net.sniproxy.app.top;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingReader;
import tools.jackson.databind.JsonNode;

/** Keeps a terminal up to date and obeys keys, until it is told to quit. For one thread, except {@link #stop}. */
public final class LiveScreen {
    private static final String ENTER = "\u001b[?1049h\u001b[?25l";
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String END_OF_LINE = "\u001b[K\r\n";
    private static final String END_OF_SCREEN = "\u001b[J";
    private static final String KEYS =
            "q quit   c connections   n names   l clients   r routes   s sort: %s   / filter: %s%s";
    private static final int CONTROL_C = 3;
    private static final int ESCAPE = 27;
    private static final int DELETE = 127;
    /** How soon {@link #stop} is obeyed. */
    private static final long TICK_MILLIS = 100;

    private final Supplier<JsonNode> ask;
    private final Duration interval;
    private View view;
    private boolean typing;
    private volatile boolean stopped;

    /**
     * @param ask asks the proxy
     * @param interval between two questions
     */
    public LiveScreen(Supplier<JsonNode> ask, Duration interval, View first) {
        this.ask = ask;
        this.interval = interval;
        this.view = first;
    }

    /** Lets {@link #run} return soon. On any thread. */
    public void stop() {
        stopped = true;
    }

    /**
     * Runs until it is told to quit; the terminal is afterwards as it was before, however this ends.
     *
     * @throws IOException if there is no terminal
     */
    public void run() throws IOException {
        // Asked before anything is drawn: an error is then one line on an untouched terminal.
        JsonNode before = ask.get();
        try (Terminal terminal =
                TerminalBuilder.builder().system(true).provider("exec").build()) {
            Attributes usual = terminal.enterRawMode();
            Attributes silent = terminal.getAttributes();
            silent.setLocalFlag(LocalFlag.ISIG, false);
            terminal.setAttributes(silent);
            terminal.writer().print(ENTER);
            try {
                follow(terminal, before);
            } finally {
                terminal.writer().print(LEAVE);
                terminal.flush();
                terminal.setAttributes(usual);
            }
        }
    }

    private void follow(Terminal terminal, JsonNode first) throws IOException {
        JsonNode before = first;
        Sample sample = Sample.of(first, first);
        long next = System.nanoTime()
                + Math.min(interval.toNanos(), Duration.ofSeconds(1).toNanos());
        draw(terminal, sample);
        while (!stopped) {
            int key = terminal.reader().read(TICK_MILLIS);
            if (key == NonBlockingReader.EOF) {
                return;
            }
            if (key >= 0) {
                obey(key);
            }
            if (System.nanoTime() - next >= 0) {
                JsonNode now = ask.get();
                sample = Sample.of(now, before);
                before = now;
                next = System.nanoTime() + interval.toNanos();
                draw(terminal, sample);
            } else if (key >= 0) {
                draw(terminal, sample);
            }
        }
    }

    private void obey(int key) {
        if (key == CONTROL_C) {
            stopped = true;
        } else if (typing) {
            type(key);
        } else {
            command(key);
        }
    }

    private void command(int key) {
        switch (key) {
            case 'q' -> stopped = true;
            case 'c' -> view = view.showing(View.Rows.CONNECTIONS);
            case 'n' -> view = view.showing(View.Rows.NAMES);
            case 'l' -> view = view.showing(View.Rows.CLIENTS);
            case 'r' -> view = view.showing(View.Rows.ROUTES);
            case 's' -> view = view.sortedBy(view.sort().next());
            case '/' -> {
                typing = true;
                view = view.filteredBy("");
            }
            default -> {}
        }
    }

    private void type(int key) {
        String text = view.filter();
        if (key == '\r' || key == '\n') {
            typing = false;
        } else if (key == ESCAPE) {
            typing = false;
            view = view.filteredBy("");
        } else if (key == DELETE || key == '\b') {
            view = view.filteredBy(text.substring(0, Math.max(0, text.length() - 1)));
        } else if (!Character.isISOControl(key)) {
            view = view.filteredBy(text + (char) key);
        }
    }

    private void draw(Terminal terminal, Sample sample) {
        // A terminal of unknown size is taken to be the classic one.
        int width = terminal.getWidth() > 0 ? terminal.getWidth() : 80;
        int height = terminal.getHeight() > 0 ? terminal.getHeight() : 24;
        List<String> lines = Screen.lines(sample, view, width, height - 2);
        String keys = KEYS.formatted(view.sort().label(), view.filter(), typing ? "_" : "");
        PrintWriter out = terminal.writer();
        out.print(HOME);
        lines.forEach(line -> out.print(line + END_OF_LINE));
        out.print(END_OF_SCREEN + keys.substring(0, Math.min(keys.length(), width)) + END_OF_SCREEN);
        terminal.flush();
    }
}
