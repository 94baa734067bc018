package net.sniproxy.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the pages for users to what is there: files, commands, configurations. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ +(.*)$", Pattern.MULTILINE);
    private static final Pattern COMMAND = Pattern.compile("(?:`|\\./)sni-proxy ([a-z][a-z-]*)(?![\\w./-])");

    @TempDir
    Path folder;

    /** The pages of the root folder and of docs. */
    private static List<Path> pages() throws IOException {
        try (Stream<Path> root = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(root, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .toList();
        }
    }

    private static String withoutBlocks(Path page) throws IOException {
        return BLOCK.matcher(Files.readString(page)).replaceAll("");
    }

    private static List<String> links(Path page) throws IOException {
        return LINK.matcher(withoutBlocks(page))
                .results()
                .map(link -> link.group(1))
                .filter(link -> !link.startsWith("http"))
                .toList();
    }

    @Test
    void shouldLinkToWhatIsThere() throws IOException {
        Set<String> broken = new TreeSet<>();
        int links = 0;
        for (Path page : pages()) {
            for (String link : links(page)) {
                links++;
                if (!leadsSomewhere(page, link)) {
                    broken.add(ROOT.relativize(page) + ": " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(40);
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return Files.exists(target) && (parts.length == 1 || anchors(target).contains(parts[1]));
    }

    /** The anchors of a page's headings, as GitHub makes them. */
    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(withoutBlocks(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Test
    void shouldLeadFromTheReadmeToEveryPage() throws IOException {
        Set<Path> reached = new HashSet<>();
        Deque<Path> open = new ArrayDeque<>(List.of(ROOT.resolve("README.md")));
        while (!open.isEmpty()) {
            Path page = open.remove();
            if (Files.exists(page) && page.toString().endsWith(".md") && reached.add(page)) {
                links(page)
                        .forEach(link -> open.add(
                                page.resolveSibling(link.split("#", 2)[0]).normalize()));
            }
        }
        assertThat(reached).containsAll(pages());
    }

    @Test
    void shouldShowConfigurationsThatCanBeUsed() throws IOException {
        CheckCommand check =
                new CheckCommand(new PrintWriter(Writer.nullWriter()), new ConfigFiles(List.of(), Map.of()));
        int checked = 0;
        for (Path page : pages()) {
            for (MatchResult block :
                    BLOCK.matcher(Files.readString(page)).results().toList()) {
                if (block.group(1).equals("json")) {
                    String name = page.getFileName() + "-" + checked++ + ".json";
                    Path file = Files.writeString(folder.resolve(name), block.group(2));
                    assertThat(check.check(file)).as(name).isEqualTo(ExitCode.OK);
                }
            }
        }
        assertThat(checked).isGreaterThan(7);
    }

    @Test
    void shouldNameEveryCommandAndNoOther() throws IOException {
        Set<String> commands = CommandLines.sniProxy(
                        new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()))
                .getSubcommands()
                .keySet();
        Set<String> named = new TreeSet<>();
        for (Path page : pages()) {
            COMMAND.matcher(Files.readString(page)).results().forEach(command -> named.add(command.group(1)));
        }
        assertThat(named).isEqualTo(commands);
    }

    @Test
    void shouldNameMakeTargetsThatExist() throws IOException {
        String makefile = Files.readString(ROOT.resolve("Makefile"));
        Pattern target = Pattern.compile("(?:`|^)make ([a-z][a-z-]*)", Pattern.MULTILINE);
        Set<String> named = new TreeSet<>();
        for (Path page : pages()) {
            target.matcher(Files.readString(page)).results().forEach(make -> named.add(make.group(1)));
        }
        assertThat(named).contains("run", "test").allMatch(name -> makefile.contains("\n" + name + ":"));
    }

    @Test
    void shouldSayTheSameInBothReadmes() throws IOException {
        String english = Files.readString(ROOT.resolve("README.md"));
        String chinese = Files.readString(ROOT.resolve("README.zh.md"));
        assertThat(blocks(chinese)).hasSizeGreaterThan(3).isEqualTo(blocks(english));
        assertThat(firstCells(chinese)).hasSizeGreaterThan(5).isEqualTo(firstCells(english));
        assertThat(headings(chinese)).isEqualTo(headings(english));
    }

    private static List<String> blocks(String page) {
        return BLOCK.matcher(page).results().map(MatchResult::group).toList();
    }

    /** What stands in the first column of tables, where it is code. */
    private static List<String> firstCells(String page) {
        return Pattern.compile("^\\| ((?:`[^`]*`(?:, )?)+) \\| ", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map(cell -> cell.group(1))
                .toList();
    }

    private static long headings(String page) {
        return HEADING.matcher(BLOCK.matcher(page).replaceAll("")).results().count();
    }
}
