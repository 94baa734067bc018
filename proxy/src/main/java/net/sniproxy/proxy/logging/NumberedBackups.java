package net.sniproxy.proxy.logging;

import ch.qos.logback.core.rolling.RollingPolicyBase;
import ch.qos.logback.core.rolling.RolloverFailure;
import ch.qos.logback.core.rolling.helper.CompressionMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Keeps a fixed number of full log files: {@code FILE.1} is the youngest, {@code FILE.N} the oldest. With a count of 0 a
 * full file is thrown away. (Logback's own window policy ends at 20 and cannot keep none.)
 */
final class NumberedBackups extends RollingPolicyBase {
    private final Path file;
    private final int count;

    NumberedBackups(Path file, int count) {
        this.file = file;
        this.count = count;
    }

    @Override
    public void rollover() throws RolloverFailure {
        try {
            if (count == 0) {
                Files.deleteIfExists(file);
                return;
            }
            for (int i = count - 1; i >= 0; i--) {
                moveIfPresent(numbered(i), numbered(i + 1));
            }
        } catch (IOException e) {
            throw new RolloverFailure("cannot rotate " + file, e);
        }
    }

    private static void moveIfPresent(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            // Not that many backups yet.
        }
    }

    private Path numbered(int index) {
        return index == 0 ? file : file.resolveSibling(file.getFileName() + "." + index);
    }

    @Override
    public String getActiveFileName() {
        return file.toString();
    }

    @Override
    public CompressionMode getCompressionMode() {
        return CompressionMode.NONE;
    }
}
