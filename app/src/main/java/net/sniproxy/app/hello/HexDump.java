package net.sniproxy.app.hello;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hex dumps: plain digits ({@code xxd -p}, with or without spaces, colons, commas, {@code 0x}; an array of C), and dumps whose lines begin
 * with their offset ({@code xxd}, {@code hexdump -C}, {@code tcpdump -x}, Wireshark), with or without a column of text.
 */
final class HexDump {
    private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*(#|//).*$");
    /** What {@code xxd -i} and Wireshark write for C. */
    private static final Pattern ARRAY = Pattern.compile("=\\s*\\{([^}]*)}");

    private static final Pattern OFFSET = Pattern.compile("^\\s*(?:0x)?([0-9a-fA-F]{3,8})(:?)\\s+(?=[0-9a-fA-F]{2})");
    private static final Pattern DIGITS = Pattern.compile("(?:[0-9a-fA-F]{2})+");
    private static final Pattern TOKEN = Pattern.compile("\\S+");

    private HexDump() {}

    /** A line of a dump with offsets. The text column, if any, is still in it. */
    private record Line(long offset, int start, String text) {}

    /**
     * The bytes of each block; a block begins where the offset is 0. Empty where the bytes are no hex dump: a raw ClientHello
     * never is, for its first byte is no text.
     */
    static Optional<List<byte[]>> parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.chars().anyMatch(c -> c < ' ' && !Character.isWhitespace(c))) {
            return Optional.empty();
        }
        return withOffsets(text).or(() -> plain(text));
    }

    private static Optional<List<byte[]>> withOffsets(String text) {
        List<byte[]> parsed = new ArrayList<>();
        for (List<Line> block : blocks(text)) {
            Optional<byte[]> content = block(block);
            if (content.isEmpty()) {
                return Optional.empty();
            }
            parsed.add(content.get());
        }
        return parsed.isEmpty() ? Optional.empty() : Optional.of(parsed);
    }

    private static Optional<List<byte[]>> plain(String text) {
        Matcher array = ARRAY.matcher(text);
        String code = COMMENT.matcher(array.find() ? array.group(1) : text).replaceAll("");
        StringBuilder digits = new StringBuilder(code.length());
        for (int i = 0; i < code.length(); i++) {
            char c = code.charAt(i);
            if (code.startsWith("0x", i) || code.startsWith("0X", i)) {
                i++;
            } else if (HexFormat.isHexDigit(c)) {
                digits.append(c);
            } else if (!Character.isWhitespace(c) && ":,".indexOf(c) < 0) {
                return Optional.empty();
            }
        }
        boolean whole = !digits.isEmpty() && digits.length() % 2 == 0;
        return whole ? Optional.of(List.of(HexFormat.of().parseHex(digits))) : Optional.empty();
    }

    /** Lines that begin with an offset that grows, in groups that begin with 0. Other lines are comments. */
    private static List<List<Line>> blocks(String text) {
        List<List<Line>> blocks = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Matcher matcher = OFFSET.matcher(line);
            if (!matcher.find()) {
                continue;
            }
            long offset = Long.parseLong(matcher.group(1), 16);
            if (offset == 0) {
                blocks.add(new ArrayList<>());
            }
            boolean grows = !blocks.isEmpty()
                    && (blocks.getLast().isEmpty()
                            || offset > blocks.getLast().getLast().offset());
            if (grows) {
                blocks.getLast().add(new Line(offset, matcher.end(), line));
            }
        }
        return blocks;
    }

    /** The offset of the next line says how many bytes a line has; the last one is as wide as those before it. */
    private static Optional<byte[]> block(List<Line> lines) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int width = 0;
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            boolean last = i == lines.size() - 1;
            if (last) {
                bytes.writeBytes(lastLine(line, width));
                continue;
            }
            long wanted = lines.get(i + 1).offset() - line.offset();
            int end = take(line, wanted, bytes);
            if (end < 0) {
                return Optional.empty();
            }
            width = Math.max(width, end);
        }
        return bytes.size() == 0 ? Optional.empty() : Optional.of(bytes.toByteArray());
    }

    /** Takes so many bytes of a line; returns the column behind them, or -1 where they are not there. */
    private static int take(Line line, long wanted, ByteArrayOutputStream bytes) {
        Matcher tokens = TOKEN.matcher(line.text());
        long taken = 0;
        int from = line.start();
        while (taken < wanted && tokens.find(from)) {
            if (!DIGITS.matcher(tokens.group()).matches()) {
                return -1;
            }
            byte[] group = HexFormat.of().parseHex(tokens.group());
            bytes.writeBytes(group);
            taken += group.length;
            from = tokens.end();
        }
        return taken == wanted ? from : -1;
    }

    private static byte[] lastLine(Line line, int width) {
        String hex = line.text().substring(line.start());
        if (width > 0) {
            hex = line.text()
                    .substring(
                            line.start(),
                            Math.max(line.start(), Math.min(width, line.text().length())));
        } else if (!hex.contains("|")) {
            hex = hex.split("\\s{2,}", 2)[0];
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Matcher tokens = TOKEN.matcher(hex);
        while (tokens.find() && DIGITS.matcher(tokens.group()).matches()) {
            bytes.writeBytes(HexFormat.of().parseHex(tokens.group()));
        }
        return bytes.toByteArray();
    }
}
