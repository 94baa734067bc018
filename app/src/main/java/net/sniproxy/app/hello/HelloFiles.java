package net.sniproxy.app.hello;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Decodes files in the order given and prints one JSON object a line for each first flight in them.
 *
 * @param in standard input, for the file {@code -}
 * @param out gets the JSON lines
 * @param err gets one line for each file that cannot be decoded, or holds no first flight
 */
public record HelloFiles(InputStream in, PrintWriter out, PrintWriter err) {
    /** Whether every file could be decoded; a hello that is refused or incomplete counts as decoded. */
    public boolean decode(List<String> files) {
        boolean good = true;
        for (String file : files) {
            good &= decode(file);
            out.flush();
        }
        return good;
    }

    private boolean decode(String file) {
        try (InputStream bytes = open(file)) {
            HelloSource source = HelloSource.of(bytes);
            int flights = 0;
            for (byte[] flight : source.firstFlights()) {
                out.println(HelloJson.line(file, flight));
                flights++;
            }
            if (flights == 0) {
                err.println("sni-proxy: " + file + ": holds no first flight of a TLS client (" + source.what() + ")");
            }
            source.fault().ifPresent(fault -> err.println("sni-proxy: " + file + ": " + fault));
            return source.fault().isEmpty();
        } catch (BadInputException e) {
            err.println("sni-proxy: " + file + ": " + e.getMessage());
        } catch (IOException e) {
            err.println("sni-proxy: " + file + ": cannot be read (" + describe(e) + ")");
        } catch (InvalidPathException e) {
            err.println("sni-proxy: " + file + ": is no path (" + e.getReason() + ")");
        }
        return false;
    }

    private InputStream open(String file) throws IOException {
        return new BufferedInputStream(file.equals("-") ? in : Files.newInputStream(Path.of(file)));
    }

    private static String describe(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }
}
